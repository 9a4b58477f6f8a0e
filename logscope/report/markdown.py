"""The incident report in GitHub-flavoured Markdown: what one takes into the post-mortem.

Nothing is claimed that no line shows; what only a person can know is an open question. The composition of this room:
each section is a function of a `Page`.
"""

from collections.abc import Callable, Iterator
from typing import Final

from logscope.model.snapshot import Snapshot
from logscope.report.cause import write_cause, write_trigger, write_why
from logscope.report.figures import write_cascade, write_errors, write_recovery, write_trend
from logscope.report.impact import write_impact
from logscope.report.markup import escape
from logscope.report.method import write_appendix, write_method
from logscope.report.moments import write_timeline
from logscope.report.page import Page
from logscope.report.sections import SECTIONS, Options
from logscope.report.summary import write_summary, write_title
from logscope.report.wording import cut
from logscope.report.work import (
    write_actions,
    write_follow_up,
    write_open_questions,
    write_ruled_out,
    write_unfinished,
)
from logscope.text.safe_text import safe_text

__all__ = ["SECTIONS", "Options", "render_markdown", "render_sections", "render_title"]

_WRITERS: Final[dict[str, Callable[[Page], list[str]]]] = {
    "summary": write_summary,
    "impact": write_impact,
    "cause": write_cause,
    "why": write_why,
    "trigger": write_trigger,
    "timeline": write_timeline,
    "cascade": write_cascade,
    "errors": write_errors,
    "trend": write_trend,
    "recovery": write_recovery,
    "actions": write_actions,
    "unfinished": write_unfinished,
    "follow-up": write_follow_up,
    "ruled-out": write_ruled_out,
    "open-questions": write_open_questions,
    "method": write_method,
    "appendix": write_appendix,
}


def render_markdown(snapshot: Snapshot, options: Options | None = None, clean: Callable[[str], str] = str) -> str:
    """The whole report.

    Args:
        snapshot: What is known.
        options: Zone, title and sections.
        clean: Applied to every text that comes from a file: redaction.
    """
    page = Page(snapshot, options or Options(), clean)
    lines = [f"# {render_title(page)}", ""]
    for _, body in render_sections(page):
        lines += [*body, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def render_title(page: Page) -> str:
    """The heading as one line of Markdown."""
    return escape(cut(safe_text(page.clean(write_title(page))), 300))


def render_sections(page: Page) -> Iterator[tuple[str, list[str]]]:
    """Name and lines of each section that was asked for and has something to say, in their order."""
    for name, write in _WRITERS.items():
        if name in page.options.sections:
            body = write(page)
            if body:
                yield name, body
