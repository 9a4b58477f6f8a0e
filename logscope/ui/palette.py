"""Colours and marks of the screen: safe for colour-blind eyes, and readable without any colour.

The tones are Okabe and Ito's, lightened for dark backgrounds and darkened for light ones (contrast of 6.6 and more).
Severity always has a letter as well.
"""

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.theme import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by meaning."""

    plain: Style
    dim: Style
    strong: Style
    error: Style
    warning: Style
    ok: Style
    cause: Style
    cursor: Style
    info: Style
    bar: Style
    """Tabs, badges and rulers."""

    def tone(self, name: str) -> Style:
        """Style of a sentence's tone."""
        return {"error": self.error, "warning": self.warning, "ok": self.ok, "cause": self.cause}.get(name, self.plain)


def _make(fg: str, bg: str, dim: str, error: str, warning: str, ok: str, cause: str, info: str, bar: str) -> Palette:
    base = Style(color=fg, bgcolor=bg)
    return Palette(
        plain=base,
        dim=Style(color=dim, bgcolor=bg),
        strong=base + Style(bold=True),
        error=Style(color=error, bgcolor=bg, bold=True),
        warning=Style(color=warning, bgcolor=bg),
        ok=Style(color=ok, bgcolor=bg),
        cause=Style(color=cause, bgcolor=bg, bold=True),
        cursor=Style(reverse=True),
        info=Style(color=info, bgcolor=bg),
        bar=Style(color=fg, bgcolor=bar),
    )


DARK: Final = _make("#e4e4e4", "#121212", "#8a9199", "#ff8c5a", "#e6c35c", "#4fd1a5", "#f0a6cc", "#7fd1ff", "#262b30")
LIGHT: Final = _make("#1b1f24", "#ffffff", "#5b646d", "#a33b00", "#7a5200", "#00664b", "#8a2f63", "#005b8c", "#e4e8ec")
ANSI: Final = Palette(
    plain=Style(),
    dim=Style(dim=True),
    strong=Style(bold=True),
    error=Style(color="bright_red", bold=True),
    warning=Style(color="yellow"),
    ok=Style(color="green"),
    cause=Style(color="magenta", bold=True),
    cursor=Style(reverse=True),
    info=Style(color="cyan"),
    bar=Style(reverse=True, dim=True),
)
MONO: Final = Palette(
    plain=Style(),
    dim=Style(dim=True),
    strong=Style(bold=True),
    error=Style(bold=True),
    warning=Style(),
    ok=Style(),
    cause=Style(bold=True, underline=True),
    cursor=Style(reverse=True),
    info=Style(),
    bar=Style(reverse=True),
)

THEMES: Final = (
    Theme(
        name="logscope-dark", dark=True, primary="#7fd1ff", secondary="#4fd1a5", warning="#e6c35c", error="#ff8c5a",
        success="#4fd1a5", accent="#f0a6cc", foreground="#e4e4e4", background="#121212", surface="#121212",
        panel="#262b30",
    ),
    Theme(
        name="logscope-light", dark=False, primary="#005b8c", secondary="#00664b", warning="#7a5200", error="#a33b00",
        success="#00664b", accent="#8a2f63", foreground="#1b1f24", background="#ffffff", surface="#ffffff",
        panel="#e4e8ec",
    ),
)  # fmt: skip


def palette_for(theme: str, *, no_color: bool) -> Palette:
    """Styles that go with a theme."""
    if no_color:
        return MONO
    if theme.startswith("ansi"):
        return ANSI
    return LIGHT if "light" in theme else DARK


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Marks; a second set for terminals that know only ASCII."""

    blocks: str
    """Nine heights, the first is empty."""
    cursor: str
    onset: str
    root: str
    change: str
    alert: str
    fix: str
    wave: str
    note: str
    rule: str
    ellipsis: str
    folded: str


UNICODE: Final = Glyphs(" ▁▂▃▄▅▆▇█", "┃", "▼", "★", "△", "◆", "✚", "≋", "✎", "─", "…", "▸ +")
ASCII: Final = Glyphs(" .:-=+*#@", "|", "v", "*", "^", "!", "F", "w", "n", "-", "~", "> +")
