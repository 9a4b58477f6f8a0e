"""Pictures of states and sizes: compared as text of their SVG."""

from dataclasses import replace

import pytest

from logscope.model.snapshot import Progress
from tests.ui.conftest import settle


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_incident(snap_compare, make_app, size):
    """The first screen."""
    assert snap_compare(make_app(), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("key", ["2", "4", "5", "0"])
def test_panes(snap_compare, make_app, key):
    """Kinds, actions, recovery and why, one at a time."""
    assert snap_compare(make_app(), terminal_size=(80, 24), press=[key], run_before=settle)


@pytest.mark.parametrize("theme", ["logscope-light", "ansi-dark"])
def test_themes(snap_compare, make_app, theme):
    """The same screen in other colours."""
    assert snap_compare(make_app(theme=theme), terminal_size=(120, 40), run_before=settle)


def test_no_colour_ascii(snap_compare, make_app):
    """Nothing but letters and marks."""
    assert snap_compare(make_app(no_color=True, ascii_only=True), terminal_size=(80, 24), run_before=settle)


def test_reading(snap_compare, make_app, story):
    """Provisional states are drawn differently from exact ones."""
    snapshot = replace(story[2], provisional=True, progress=Progress(41, 100, False))
    assert snap_compare(make_app(snapshot), terminal_size=(80, 24), run_before=settle)


def test_help(snap_compare, make_app):
    """All keys."""
    assert snap_compare(make_app(), terminal_size=(80, 40), press=["question_mark"], run_before=settle)
