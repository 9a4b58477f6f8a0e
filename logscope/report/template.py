"""A team's own post-mortem form: a Jinja template filled with the JSON document and the sections of the report.

The template is the user's, what is put in is a stranger's: every value is escaped for Markdown (or, in a `.html` form,
for HTML) unless it is a section that was made safe already. It runs in Jinja's immutable sandbox, without a loader: a
form can read no file and call nothing of Python's.
"""

import json
import os
from collections.abc import Callable
from typing import Final

from logscope.errors import SourceError, UsageError
from logscope.model.snapshot import Snapshot
from logscope.report.html import render_body
from logscope.report.json import render_json
from logscope.report.markdown import render_sections, render_title
from logscope.report.markup import escape, fence, inline_code
from logscope.report.page import Page
from logscope.report.sections import SECTIONS, Options
from logscope.sources.opening import read_small
from logscope.text.safe_text import safe_text

_MOST_BYTES: Final = 1024 * 1024
_HTML: Final = (".html", ".htm", ".html.j2", ".htm.j2", ".html.jinja", ".xhtml")


def render_template(path: str, snapshot: Snapshot, options: Options, clean: Callable[[str], str]) -> str:
    """Fill a form.

    Known in it are `incident`, `candidates`, `timeline`, `groups`, `actions` and all else of the JSON document by its
    names; `title`; `sections.summary`, `sections.follow_up` and the other sections of the report, ready to be placed;
    the filters `code` and `fenced`.

    Args:
        path: The template file.
        snapshot: What is known.
        options: Zone, title and sections.
        clean: Applied to every text that comes from a file: redaction.

    Raises:
        UsageError: It cannot be read, is wrong, or the library for it is not installed.
    """
    try:
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from markupsafe import Markup, soft_str
    except ImportError:
        raise UsageError("--template needs the library jinja2: pip install 'logscope[template]'") from None

    is_html = path.lower().endswith(_HTML)

    def place(value: object) -> object:
        """What an expression of the form becomes in it."""
        if hasattr(value, "__html__") or value is None:
            return "" if value is None else value
        # Marked as done, so that a filter behind it does not escape twice.
        return value if is_html else Markup(escape(safe_text(soft_str(value))))  # noqa: S704 -- escaped just here

    environment = ImmutableSandboxedEnvironment(
        autoescape=is_html,
        undefined=StrictUndefined,
        finalize=place,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()

    def mark(text: str) -> object:
        return Markup(text)  # noqa: S704 -- only what this module made safe

    if not is_html:
        environment.filters["code"] = lambda value: mark(inline_code(safe_text(soft_str(value))))
        environment.filters["fenced"] = lambda value: mark("\n".join(fence(_lines(soft_str(value)))))
    page = Page(snapshot, options, clean)
    made = {name.replace("-", "_"): "" for name in SECTIONS}
    for name, lines in render_sections(page):
        text = "\n".join(lines)
        made[name.replace("-", "_")] = render_body(text) if is_html else text
    values = json.loads(render_json(snapshot, clean))
    title = render_title(page)
    try:
        form = environment.from_string(_read(path))
        return form.render(
            **values,
            title=mark(_plain_title(title)) if is_html else mark(title),
            sections={name: mark(text) for name, text in made.items()},
        )
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"{path}:{line}" if line else path
        raise UsageError(f"{where}: the template is wrong: {error.message or type(error).__name__}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError) as error:
        # Raised by what the form does with a value: its own fault, told as such.
        raise UsageError(f"{path}: the template is wrong: {error}") from error


def _plain_title(title: str) -> str:
    return render_body(title).strip().removeprefix("<p>").removesuffix("</p>")


def _lines(text: str) -> list[str]:
    return [safe_text(line) for line in text.split("\n")]


def _read(path: str) -> str:
    try:
        return read_small(os.path.expanduser(path), _MOST_BYTES).decode("utf-8")
    except SourceError as error:
        raise UsageError(f"--template {path}: {error.reason}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--template {path}: is not UTF-8 text") from error
