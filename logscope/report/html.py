# ruff: noqa: E501 -- one rule of the style sheet a line
"""The report as one HTML file: no outside resources, light and dark, the trend as inline SVG.

The Markdown is the source; it is rendered with raw HTML and links switched off, so that nothing from a log can become a
tag.
"""

import html
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt

from logscope.model.snapshot import Snapshot
from logscope.model.times import Dial
from logscope.report.chart import choose_cells
from logscope.report.figures import find_marks
from logscope.report.markdown import Options, render_markdown
from logscope.report.svg import draw_chart

_STYLE: Final = """\
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--code:#f3f5f7;--error:#a33b00;--warn:#b58a00;--ok:#0a6b4f}
@media (prefers-color-scheme:dark){:root{--bg:#121212;--fg:#e6e6e6;--dim:#9aa4ad;--line:#333a41;--code:#1c2024;
--error:#ff8c5a;--warn:#e6c35c;--ok:#5fd0a5}}
body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid var(--line)}
table{margin:.7rem 0;border-collapse:collapse;display:block;overflow-x:auto}td,th{border:1px solid var(--line);padding:.25rem .6rem;
text-align:left;vertical-align:top}thead tr:not(:has(th:not(:empty))){display:none}code{background:var(--code);padding:.1em .3em;border-radius:3px;font-size:.9em;
overflow-wrap:anywhere}pre{background:var(--code);padding:.7rem;overflow-x:auto}pre code{padding:0;overflow-wrap:normal}
figure{margin:.5rem 0}figcaption{color:var(--dim);font-size:.85rem}svg{width:100%;height:auto}svg .e{fill:var(--error)}
svg .w{fill:var(--warn)}svg .r{fill:var(--dim)}svg text{fill:var(--dim);font-size:12px}svg .m{stroke:var(--fg);stroke-dasharray:3 3}
svg .a{stroke:var(--line)}svg .s{fill:none;stroke:var(--ok);stroke-width:2}li{margin:.2rem 0}
@media print{body{max-width:none;margin:0}pre{white-space:pre-wrap}h2{break-after:avoid}}
"""


def render_html(
    snapshot: Snapshot, options: Options, clean: Callable[[str], str] = str, tell: Callable[[], str] = str
) -> str:
    """The whole page.

    Args:
        snapshot: What is known.
        options: Zone, title and sections.
        clean: Applied to every text that comes from a file: redaction.
        tell: Asked at the end what was redacted.
    """
    text = render_markdown(snapshot, options, clean)
    told = tell()
    body = render_body(f"{text}\n{told}\n" if told else text)
    title = html.escape(text.split("\n", 1)[0].lstrip("# ").replace("\\", ""))
    table = choose_cells(snapshot) if "trend" in options.sections else None
    chart = draw_chart(table, find_marks(snapshot), Dial.around(table.start, options.zone)) if table is not None else ""
    marker = "<h2>Trend</h2>"
    body = body.replace(marker, marker + chart, 1)
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )


def render_body(markdown: str) -> str:
    """Our own Markdown as HTML: nothing in it becomes a tag, link or image of its own."""
    # Mermaid needs a script; the text tree beside it says the same.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    rendered: str = parser.render(_without_mermaid(markdown))
    return rendered.replace("<li>[ ] ", "<li>☐ ")


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
