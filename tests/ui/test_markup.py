"""Nothing that the screen shows is read as markup: a line with `[@click=app.quit]` is text."""

import ast
from pathlib import Path

import pytest

import logscope.ui

ROOMS = sorted(Path(logscope.ui.__path__[0]).rglob("*.py"))
READERS = {
    "Static", "Label", "OptionList", "SelectionList", "RichLog", "Button", "Checkbox", "RadioButton", "Tab", "Tooltip",
    "notify", "Markdown", "MarkdownViewer", "Tree", "Log",
}  # fmt: skip
"""What takes a string for markup where it is not told otherwise."""
PARSERS = {"from_markup", "from_ansi", "from_text", "MarkdownIt"}
"""What makes markup or escapes of a string."""


def called(node):
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_no_widget_reads_markup(path):
    """Whatever could read markup in a string is told not to, and nothing turns a string into it."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    for call in calls:
        assert called(call) not in PARSERS, ast.unparse(call)
        if called(call) in READERS:
            says = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert says.get("markup") == "False", ast.unparse(call)


def test_widgets_are_found():
    """The screen has widgets that take strings: what is looked for exists."""
    source = "".join(path.read_text() for path in ROOMS)
    assert source.count("Static(") > 8
