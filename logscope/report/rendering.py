"""One door for every way out: the same document from the screen, the command line and a saved incident, redacted."""

from dataclasses import replace
from typing import Final

from logscope.model.snapshot import Snapshot
from logscope.report.json import render_json
from logscope.report.markdown import render_markdown
from logscope.report.sections import Options
from logscope.text.redact import Redactor

FORMS: Final = ("markdown", "html", "json", "brief")

_BRIEF_SECTIONS: Final = frozenset(("summary", "cause", "why", "trigger", "recovery", "open-questions", "appendix"))
"""What a person or an assistant needs who takes over."""
_BRIEF_RAW_LINES: Final = 40


def render_report(
    snapshot: Snapshot,
    form: str,
    options: Options,
    *,
    redact_ips: bool = False,
    template: str | None = None,
) -> str:
    """A report in one of the forms, with secrets removed.

    Args:
        snapshot: What is known.
        form: One of `FORMS`; `brief` is Markdown of at most 40 raw lines.
        options: Zone, title and sections.
        redact_ips: Private addresses go too.
        template: A form to fill instead.

    Raises:
        UsageError: The template cannot be used.
    """
    redactor = Redactor(redact_ips=redact_ips)
    if template is not None:
        # The template library is an extra, and loaded only here.
        from logscope.report.template import render_template

        return render_template(template, snapshot, options, redactor.redact)
    if form == "json":
        return render_json(snapshot, redactor.redact)
    if form == "html":
        # The Markdown parser is needed for this form only.
        from logscope.report.html import render_html

        return render_html(snapshot, options, redactor.redact, redactor.tell)
    if form == "brief":
        options = replace(options, sections=options.sections & _BRIEF_SECTIONS, most_raw_lines=_BRIEF_RAW_LINES)
    text = render_markdown(snapshot, options, redactor.redact)
    told = redactor.tell()
    return f"{text}\n{told}\n" if told else text
