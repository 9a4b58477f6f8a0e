"""Colours and marks of the screen: safe for colour-blind eyes, and readable without any colour.

The tones are Okabe and Ito's, lightened for dark backgrounds and darkened for light ones (contrast of 6.6 and more).
Areas (bars) are drawn in a calmer shade of the same tone, so that the few bright words stand out. Severity always has a
letter as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.theme import Theme

_COLOUR: Final = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by meaning."""

    plain: Style
    dim: Style
    faint: Style
    """Rules and dots: there, and not in the way."""
    strong: Style
    error: Style
    warning: Style
    ok: Style
    cause: Style
    info: Style
    cursor: Style
    """Laid over the row under the cursor of the pane that has the keys."""
    selected: Style
    """Laid over the row under the cursor of any other pane."""
    found: Style
    """A text that was searched for."""
    bar: Style
    """Tabs and badges."""
    error_area: Style
    warning_area: Style
    users: Style
    """Requests that were answered, on those that were not."""
    column: Style
    """Laid over the cells of the cursor time."""

    def tone(self, name: str) -> Style:
        """Style of a sentence's tone."""
        return {"error": self.error, "warning": self.warning, "ok": self.ok, "cause": self.cause}.get(name, self.strong)


def _make(
    *, fg: str, bg: str, dim: str, faint: str, error: str, warning: str, ok: str, cause: str, info: str, bar: str,
    cursor: str, selected: str, error_area: str, warning_area: str, ok_area: str,
) -> Palette:  # fmt: skip
    base = Style(color=fg, bgcolor=bg)
    return Palette(
        plain=base,
        dim=Style(color=dim, bgcolor=bg),
        faint=Style(color=faint, bgcolor=bg),
        strong=base + Style(bold=True),
        error=Style(color=error, bgcolor=bg, bold=True),
        warning=Style(color=warning, bgcolor=bg),
        ok=Style(color=ok, bgcolor=bg),
        cause=Style(color=cause, bgcolor=bg, bold=True),
        info=Style(color=info, bgcolor=bg),
        cursor=Style(bgcolor=cursor),
        selected=Style(bgcolor=selected),
        found=Style(color=bg, bgcolor=warning),
        bar=Style(color=fg, bgcolor=bar),
        error_area=Style(color=error_area, bgcolor=bg),
        warning_area=Style(color=warning_area, bgcolor=bg),
        users=Style(color=ok_area, bgcolor=error_area),
        column=Style(bgcolor=cursor),
    )


_DARK: Final[dict[str, str]] = {
    "fg": "#d8dce0", "bg": "#121417", "dim": "#8a9199", "faint": "#464d54", "error": "#ff8c5a", "warning": "#e6c35c",
    "ok": "#4fd1a5", "cause": "#f0a6cc", "info": "#7fd1ff", "bar": "#22272c", "cursor": "#2c4254",
    "selected": "#20272e", "error_area": "#a8553a", "warning_area": "#8d7a3f", "ok_area": "#2f7d66",
}  # fmt: skip
_LIGHT: Final[dict[str, str]] = {
    "fg": "#1b1f24", "bg": "#ffffff", "dim": "#5b646d", "faint": "#b4bcc4", "error": "#a33b00", "warning": "#7a5200",
    "ok": "#00664b", "cause": "#8a2f63", "info": "#005b8c", "bar": "#e7ebef", "cursor": "#c4e1f5",
    "selected": "#edf3f8", "error_area": "#dd8a62", "warning_area": "#cfb061", "ok_area": "#62b39b",
}  # fmt: skip
DARK: Final = _make(**_DARK)
LIGHT: Final = _make(**_LIGHT)
_REVERSE: Final = Style(reverse=True)
ANSI: Final = Palette(
    plain=Style(),
    dim=Style(dim=True),
    faint=Style(dim=True),
    strong=Style(bold=True),
    error=Style(color="bright_red", bold=True),
    warning=Style(color="yellow"),
    ok=Style(color="green"),
    cause=Style(color="magenta", bold=True),
    info=Style(color="cyan"),
    cursor=_REVERSE,
    selected=Style(bold=True),
    found=_REVERSE,
    bar=Style(),
    error_area=Style(color="red"),
    warning_area=Style(color="yellow"),
    users=Style(color="cyan", bgcolor="red"),
    column=_REVERSE,
)
MONO: Final = Palette(
    plain=Style(),
    dim=Style(dim=True),
    faint=Style(dim=True),
    strong=Style(bold=True),
    error=Style(bold=True),
    warning=Style(),
    ok=Style(),
    cause=Style(bold=True),
    info=Style(),
    cursor=_REVERSE,
    selected=Style(bold=True),
    found=_REVERSE,
    bar=Style(),
    error_area=Style(),
    warning_area=Style(dim=True),
    users=Style(),
    column=_REVERSE,
)


@dataclass(frozen=True, slots=True)
class Colours:
    """A theme for the library's widgets, and the styles that go with it."""

    theme: Theme
    palette: Palette


def make_colours(name: str, given: Mapping[str, str]) -> Colours:
    """A theme of colours by meaning; those that are not given are the dark (or `base = "light"`) theme's.

    Args:
        name: Of the theme.
        given: `fg`, `bg`, `dim`, `error`, ... to `#rrggbb`; `base`, dark or light.

    Raises:
        ValueError: A name or a colour is not known; the message says which.
    """
    base = given.get("base", "dark").removeprefix("logscope-")
    if base not in ("dark", "light"):
        raise ValueError(f"theme {name}: base must be dark or light")
    is_light = base == "light"
    colours = dict(_LIGHT if is_light else _DARK)
    for key, colour in given.items():
        if key == "base":
            continue
        if key not in colours:
            raise ValueError(f"theme {name}: unknown colour {key!r}; known are {', '.join(sorted(colours))}")
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"theme {name}: {key} must be written #rrggbb")
        colours[key] = colour
    theme = Theme(
        name=name, dark=not is_light, primary=colours["info"], secondary=colours["ok"], warning=colours["warning"],
        error=colours["error"], success=colours["ok"], accent=colours["cause"], foreground=colours["fg"],
        background=colours["bg"], surface=colours["bg"], panel=colours["bar"],
    )  # fmt: skip
    return Colours(theme, _make(**colours))


THEMES: Final = {
    name: make_colours(name, {"base": base}) for name, base in (("logscope-dark", "dark"), ("logscope-light", "light"))
}


def palette_for(theme: str, *, no_color: bool, own: Mapping[str, Colours] = THEMES) -> Palette:
    """Styles that go with a theme.

    Args:
        theme: Its name.
        no_color: Nothing but bold, dim and reverse.
        own: Themes that bring their styles; others get the dark or the light ones.
    """
    if no_color:
        return MONO
    if theme.startswith("ansi"):
        return ANSI
    if theme in own:
        return own[theme].palette
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
    written: str
    """A service that writes, without errors."""
    silence: str
    branch: str

    @property
    def is_ascii(self) -> bool:
        """Nothing beyond ASCII may be drawn."""
        return self.blocks.isascii()


UNICODE: Final = Glyphs(" ▁▂▃▄▅▆▇█", "│", "▼", "★", "△", "◆", "✚", "≋", "✎", "─", "…", "▸ +", "·", "○", "└ ")
ASCII: Final = Glyphs(" .:-=+*#@", "|", "v", "*", "^", "!", "F", "w", "n", "-", "~", "> +", ".", "o", "`-")

_SPELLED: Final = str.maketrans(
    {"±": "~", "…": "~", "·": ".", "→": ">", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'"}
    # What the library draws itself: rules, frames, scroll bars, its magnifying glass.
    | {"▔": "-", "─": "-", "━": "-", "▁": "_", "🔎": "/"}
    | dict.fromkeys("│┃▏▎▍▌▋▊▉▕", "|")
    | dict.fromkeys("▂▃▄▅▆▇█", "#")
)


def to_ascii(text: str) -> str:
    """A text of as many characters, all of them ASCII."""
    return text if text.isascii() else text.translate(_SPELLED).encode("ascii", "replace").decode("ascii")
