# ruff: noqa: E501 -- one rule of the style sheet a line
"""The report as one HTML file: no outside resources, light and dark, the trend as inline SVG.

The Markdown is the source; it is rendered with raw HTML and links switched off, so that nothing from a log can become a
tag.
"""

import html
from collections.abc import Callable, Sequence
from typing import Final

from markdown_it import MarkdownIt

from logscope.model.snapshot import Snapshot
from logscope.report.markdown import Options, render_markdown

_STYLE: Final = """\
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--code:#f3f5f7;--error:#a33b00;--warn:#7a5200}
@media (prefers-color-scheme:dark){:root{--bg:#121212;--fg:#e6e6e6;--dim:#9aa4ad;--line:#333a41;--code:#1c2024;
--error:#ff8c5a;--warn:#e6c35c}}
body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid var(--line)}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{border:1px solid var(--line);padding:.25rem .6rem;
text-align:left;vertical-align:top}code{background:var(--code);padding:.1em .3em;border-radius:3px;font-size:.9em;
overflow-wrap:anywhere}pre{background:var(--code);padding:.7rem;overflow-x:auto}pre code{padding:0;overflow-wrap:normal}
svg{width:100%;height:8rem}svg .e{fill:var(--error)}svg .w{fill:var(--warn)}svg text{fill:var(--dim);font-size:10px}
"""


def render_html(snapshot: Snapshot, options: Options, clean: Callable[[str], str] = str) -> str:
    """The whole page.

    Args:
        snapshot: What is known.
        options: Zone, title and sections.
        clean: Applied to every text that comes from a file: redaction.
    """
    text = render_markdown(snapshot, options, clean)
    # Mermaid needs a script; the text tree beside it says the same.
    text = _without_mermaid(text)
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    body = parser.render(text)
    title = html.escape(text.split("\n", 1)[0].lstrip("# ").replace("\\", ""))
    chart = draw_trend(snapshot.trend.errors, snapshot.trend.warnings) if "trend" in options.sections else ""
    marker = "<h2>Trend</h2>"
    body = body.replace(marker, marker + chart, 1)
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )


def draw_trend(errors: Sequence[int], warnings: Sequence[int]) -> str:
    """Errors and warnings as stacked bars; heights by square root, so that a single record stays visible."""
    if not errors:
        return ""
    top = max(1, max(e + w for e, w in zip(errors, warnings, strict=True)))
    width = 1000 / len(errors)
    bars = []
    for n, (e, w) in enumerate(zip(errors, warnings, strict=True)):
        low = 0.0
        for value, name in ((e, "e"), (w, "w")):
            if value:
                height = max(1.5, ((e + w) / top) ** 0.5 * 100 * value / (e + w))
                bars.append(
                    f'<rect class="{name}" x="{n * width:.1f}" y="{100 - low - height:.1f}" '
                    f'width="{max(0.5, width - 0.5):.1f}" height="{height:.1f}"/>'
                )
                low += height
    frame = '<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="errors over time">'
    return f"{frame}{''.join(bars)}</svg>"


def _without_mermaid(text: str) -> str:
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line == "```mermaid":
            inside = True
        elif inside:
            inside = line != "```"
        else:
            kept.append(line)
    return "\n".join(kept)
