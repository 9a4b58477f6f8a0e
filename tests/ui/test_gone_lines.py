"""A cited line whose file is gone."""

from dataclasses import replace

from logscope.model.files import LineRef
from logscope.ui.kept import find_kept
from logscope.ui.log_pane import LogPane
from tests.ui.driving import drive, text_of


def test_a_line_that_is_gone_is_told_and_quoted(make_app, monkeypatch):
    """The pane says why it cannot be shown, and what it said: that was kept, and is shown without its escapes."""
    app = make_app()
    monkeypatch.setattr(type(app.feed), "spot_of", lambda self, ref: None)
    text = "\n".join(drive(app, check=lambda app: text_of(app.query_one("#logs", LogPane))))
    assert "redis-server.log:29 cannot be shown:" in " ".join(text.split())
    assert "What it said:" in text
    assert "maxmemory reached" in text


def test_only_what_is_quoted_is_kept(story):
    """Cause, events and kinds are found by file and line; other lines say nothing."""
    snapshot = story[2]
    top = snapshot.candidates[0]
    assert find_kept(snapshot, LineRef(top.file, top.line)) == top.sample
    assert find_kept(snapshot, LineRef(top.file, 1)) == ""
    group = next(one for one in snapshot.groups if one.onset_ref is not None)
    alone = replace(snapshot, timeline=(), candidates=())
    assert find_kept(alone, group.onset_ref) in (group.onset_sample, group.sample)
    assert find_kept(None, group.onset_ref) == ""
