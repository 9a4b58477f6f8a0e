"""A follow that goes on for hours keeps less of what is long past, every few minutes and not before all was read."""

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request
from logscope.session.session import Session


def test_the_past_is_coarsened_every_five_minutes_once_all_was_read(tmp_path, monkeypatch):
    """Not while the files are read, and then once in five minutes of the loop's clock."""
    (tmp_path / "a.log").write_text("2026-03-02T10:00:00Z ERROR it failed\n")
    asked = []
    monkeypatch.setattr(Session, "coarsen_past", lambda self: asked.append(now))
    now = 0.0
    request = Request([str(tmp_path / "a.log")])
    loop = LiveLoop(request, open_request(request, live=True), lambda _: None, clock=lambda: now, wall=lambda: 0.0)
    try:
        now = 400.0
        loop.catch_up()
        assert asked == []
        for now in (401.0, 402.0, 700.0, 701.5, 1002.0):  # noqa: B007
            loop.judge()
        assert asked == [401.0, 701.5, 1002.0]
    finally:
        loop.close()
