"""Nothing from a log becomes markup, a link, a diagram's command or an escape sequence in any rendering."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from logscope.report.console import render_console
from logscope.report.handoff import render_handoff
from logscope.report.html import render_html
from logscope.report.json import render_json
from logscope.report.markdown import SECTIONS, Options, render_markdown
from logscope.report.markup import escape, inline_code
from logscope.text.redact import Redactor

SUSPECT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")


def walk(tokens):
    for token in tokens:
        yield token
        yield from walk(token.children or [])


@pytest.fixture(params=["story", "hostile"])
def snapshot(request):
    return request.getfixturevalue(request.param)


def test_markdown_holds_no_markup_of_a_log(snapshot):
    """A real parser with everything switched on finds our headings and tables, and no link, image or HTML."""
    text = render_markdown(snapshot)
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = list(walk(parser.parse(text)))
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "s_open"}
    assert sum(t.type == "heading_open" and t.tag == "h1" for t in tokens) == 1
    assert not SUSPECT.search(text)


def test_an_attack_changes_no_structure(story, hostile):
    """The hostile report has the same headings and as many table rows and cells as the ordinary one."""

    def shape(snapshot):
        tokens = list(walk(MarkdownIt("commonmark").enable("table").parse(render_markdown(snapshot))))
        return {kind: sum(t.type == kind for t in tokens) for kind in ("heading_open", "tr_open", "td_open", "fence")}

    # Services are one word in the hostile report: its summary differs, its frames do not.
    assert shape(story) == shape(hostile)


def test_nobody_is_called_and_no_cell_is_ended():
    """A name behind an at sign calls nobody; a pipe ends no cell of a table, not even inside code."""
    assert (escape("to @root of a@b.c"), escape("a|b")) == ("to @\u2060root of a@\u2060b.c", r"a\|b")
    assert inline_code("a | b") == "`a ¦ b`"


def test_bare_addresses_are_no_links(hostile):
    """GitHub makes a link of a bare address: outside of code none is left whole."""
    tokens = walk(MarkdownIt("commonmark").enable("table").parse(render_markdown(hostile)))
    inline = [t.content for t in tokens if t.type == "inline"]
    assert any("://" in content for content in inline)
    outside = [re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", content) for content in inline]
    assert [content for content in outside if re.search(r"[a-z]://|www\.", content)] == []


def test_a_diagram_holds_only_its_own_words(hostile):
    """Mermaid lines are nodes and arrows of ours; labels hold no quote, bracket, backtick, percent or semicolon."""
    block = render_markdown(hostile).split("```mermaid\n")[1].split("\n```")[0].split("\n")[1:]
    node = re.compile(r'  g\d+\["[^"\[\]`%<>{}|]*"\]')
    arrow = re.compile(r"  g\d+ (?:-->|-\.->)\|[\w. ]+\| g\d+")
    assert [line for line in block if not node.fullmatch(line) and not arrow.fullmatch(line)] == []


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name for name, _ in attrs}))


def test_html_holds_only_our_tags(snapshot):
    """No script, link, image or event handler; nothing is loaded from outside."""
    page = render_html(snapshot, Options())
    tags = Tags()
    tags.feed(page)
    names = {tag for tag, _ in tags.found}
    attributes = set().union(*(names for _, names in tags.found))
    assert not names & {"script", "img", "a", "iframe", "link", "object", "form", "input", "base"}
    assert not {a for a in attributes if a.startswith("on") or a in ("src", "href")}
    assert not SUSPECT.search(page)


def test_the_title_of_a_page_is_text(hostile):
    """The page's title ends where ours ends."""
    assert render_html(hostile, Options()).count("</title>") == 1


def test_console_and_handoff_send_no_escape(snapshot):
    """Text for a terminal holds no control character, and no line is wider than asked."""
    page = render_console(snapshot, 80)
    assert not SUSPECT.search(page)
    assert max(map(len, page.split("\n"))) <= 80
    handoff = render_handoff(snapshot)
    assert not SUSPECT.search(handoff)
    assert (len(handoff) <= 500, handoff.count("\n")) == (True, 2)


def test_json_is_strict_ascii(snapshot):
    """The document parses strictly, is ASCII, one line, and the same twice."""

    def refuse(word):
        raise AssertionError(word)

    text = render_json(snapshot)
    assert json.loads(text, parse_constant=refuse)["schema"] == "logscope.analysis/1"
    assert (text.isascii(), text.count("\n"), text == render_json(snapshot)) == (True, 1, True)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_can_be_left_out(story, name):
    """Each section stands alone and can be missing, without breaking the others."""
    alone = render_markdown(story, Options(sections=frozenset({name})))
    rest = render_markdown(story, Options(sections=frozenset(SECTIONS) - {name}))
    assert alone.count("\n## ") <= 1
    assert alone.strip().split("\n", 1)[-1] == alone.strip() or alone.split("\n", 2)[2].strip() not in rest


@pytest.mark.parametrize(("most", "told"), [(0, True), (40, True), (240, False)])
def test_raw_lines_are_bounded(hostile, most, told):
    """A brief quotes no more raw lines than asked, and says that it left some out."""
    text = render_markdown(hostile, Options(sections=frozenset({"appendix"}), most_raw_lines=most))
    fences = [t for t in MarkdownIt("commonmark").parse(text) if t.type == "fence"]
    assert sum(t.content.count("\n") for t in fences) <= most
    assert ("were left out" in text) == told


def test_a_key_of_several_lines_is_redacted_in_the_appendix(story):
    """Records are redacted whole: the lines of a private key do not leave one by one."""
    key = "started\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq83vEjRWeJC=\n-----END RSA PRIVATE KEY-----"
    entries = tuple(dataclasses.replace(e, sample=key) for e in story.timeline)
    snapshot = dataclasses.replace(story, timeline=entries)
    text = render_markdown(snapshot, Options(), Redactor().redact)
    assert ("MIIEow" in text, "q83vEj" in text, "<redacted:private key>" in text) == (False, False, True)


def test_no_arrow_leads_to_what_began_before(story):
    """A kind that began before its supposed cause is left out of the diagram, even where it names it."""
    edge = next(e for e in story.cascade if "## Cascade" in render_markdown(dataclasses.replace(story, cascade=(e,))))
    early = tuple(
        dataclasses.replace(g, onset=g.onset - 60_000_000) if g.id == edge.to_group else g for g in story.groups
    )
    only = dataclasses.replace(story, cascade=(edge,))
    assert "## Cascade" in render_markdown(only)
    assert "## Cascade" not in render_markdown(dataclasses.replace(only, groups=early))


def test_one_text_is_one_line_and_begins_nothing():
    """Line feeds begin no paragraph, a mark in front no list or rule, and ticks inside end no code."""
    for text in ("a\n\nb", "- a", "1. a", "=====", "+ a"):
        html = MarkdownIt().render("before\n" + escape(text))
        assert re.findall(r"<(\w+)", html) == ["p"], html
    html = MarkdownIt().render(inline_code("a `b` ``c`` <i>"))
    assert html == "<p><code>a `b` ``c`` &lt;i&gt;</code></p>\n"
