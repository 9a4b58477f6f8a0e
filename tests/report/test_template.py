"""A team's own form is filled safely: values escaped for its kind, sections ready-made, the sandbox closed."""

import re

import pytest
from markdown_it import MarkdownIt

from logscope.errors import UsageError
from logscope.report.rendering import render_report
from logscope.report.sections import Options
from logscope.report.template import render_template


@pytest.fixture
def fill(tmp_path):
    def fill(text, snapshot, name="form.md", clean=str):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return render_template(str(path), snapshot, Options(), clean)

    return fill


def test_a_form_gets_the_document_and_the_sections(fill, story):
    """Names of the JSON document and of the sections are known in it."""
    text = fill("{{ title }}\n{{ incident.detected_at }}\n{{ sections.follow_up }}\n{{ candidates[0].line }}\n", story)
    assert "maxmemory" in text
    assert "2026-03-02T14:12:00" in text
    assert "## Follow-ups" in text
    assert text.rstrip().endswith("\n29")


def test_hostile_values_stay_text_in_markdown(fill, hostile):
    """A value that is Markdown or HTML does not become any, plain, as code or fenced."""
    form = "{{ candidates[0].service }}\n\n{{ candidates[0].sample | code }}\n\n{{ candidates[0].sample | fenced }}\n"
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(fill(form, hostile))
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "heading_open", "table_open"}


def test_hostile_values_stay_text_in_html(fill, hostile):
    """In a form for HTML every value is escaped; sections are HTML without a tag of a log."""
    text = fill("<p>{{ candidates[0].sample }}</p>{{ sections.timeline }}<h1>{{ title }}</h1>", hostile, "form.html")
    assert not re.search(r"<(?:script|img|a|iframe)\b", text)
    assert "<table>" in text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "the template is wrong"),
        ("{{ self.__init__.__globals__ }}", "the template is wrong"),
        ("{{ candidates.append(1) }}", "the template is wrong"),
        ("line\n{% for x in %}", ":2: the template is wrong"),
        ("{{ incident.strat }}", "has no attribute 'strat'"),
        ("{{ 1 / 0 }}", "the template is wrong"),
        ("{{ range(10) }}", "'range' is undefined"),
    ],
)
def test_a_wrong_or_hostile_form_ends_in_a_sentence(fill, story, form, words):
    """What a form must not do, or cannot, is told with its place."""
    with pytest.raises(UsageError, match=re.escape(words)):
        fill(form, story)


def test_a_form_is_redacted(fill, story):
    """What fills a form passes redaction like every other way out."""
    text = fill("{{ candidates[0].sample }}", story, clean=lambda text: text.replace("noeviction", "<gone>"))
    assert "noeviction" not in text


def test_a_missing_form_is_told(story):
    """A form that is not there is a usage error with its name."""
    with pytest.raises(UsageError, match=r"nowhere\.md: no such file"):
        render_report(story, "markdown", Options(), template="/nowhere.md")
