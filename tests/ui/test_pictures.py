"""Pictures of states and sizes: compared as text of their SVG."""

from dataclasses import replace
from datetime import UTC

import pytest

from logscope.model.files import Progress
from logscope.model.recovery import Verdict, VerdictChange
from logscope.model.snapshot import Sentence
from logscope.sources.nearby import NearbyFile
from logscope.ui.options import ScreenOptions
from logscope.ui.picker import PickerApp
from tests.ui.conftest import settle

MINUTE = 60_000_000


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
    text = "41 % read (as of 14:20:11), so far: POST /checkout 0 of 61 ok since 14:02:03"
    so_far = Sentence("READING", text, None, "error")
    sentences = (so_far, *story[2].sentences[1:])
    snapshot = replace(story[2], provisional=True, progress=Progress(41, 100, False), sentences=sentences)
    assert snap_compare(make_app(snapshot), terminal_size=(80, 24), run_before=settle)


def test_help(snap_compare, make_app):
    """All keys."""
    app = make_app(config_path="~/.config/logscope/config.toml")
    assert snap_compare(app, terminal_size=(80, 40), press=["question_mark"], run_before=settle)


def quiet(snapshot, sentences):
    """Nothing rose."""
    return replace(
        snapshot, incident=None, candidates=(), cascade=(), timeline=(), sentences=sentences, ruled_out=(),
        groups=tuple(replace(g, onset=None) for g in snapshot.groups if g.role.value == "chronic"),
        recovery=replace(snapshot.recovery, verdict=Verdict.NO_INCIDENT, waves=(), fix_at=None),
    )  # fmt: skip


def test_quiet(snap_compare, make_app, story):
    """Nothing to tell is told in calm."""
    none = Sentence("SET OFF", "-", None, "plain")
    state = Sentence("QUIET", "no kind of error rose above its usual rate (as of 15:01:59)", None, "ok")
    broke = Sentence("BROKE", "nothing, as far as these logs show", None, "plain")
    users = Sentence("USERS", "99.2 % of 3.0/s", None, "plain")
    app = make_app(quiet(story[2], (state, broke, none, users)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=settle)


def test_no_clock(snap_compare, make_app, story):
    """Files without times: nothing is drawn that would need them."""
    state = Sentence("NO CLOCK", "no line of these files carries a time: nothing can be put in order", None, "warning")
    rest = [Sentence(label, "-", None, "plain") for label in ("BROKE", "SET OFF", "USERS")]
    snapshot = quiet(story[2], (state, *rest))
    files = tuple(replace(f, untimed_records=f.records, first_seen=None, last_seen=None) for f in snapshot.files)
    snapshot = replace(snapshot, lanes=(), users=None, files=files)
    assert snap_compare(make_app(snapshot), terminal_size=(80, 24), press=["6"], run_before=settle)


def test_second_wave(snap_compare, make_app, story):
    """It is back: the verdict keeps its predecessor, what is new since the fix stands first."""
    snapshot = story[2]
    back = Sentence("BACK", "second wave since 14:33:10 (as of 15:01:59): payment-gateway 12/min", None, "error")
    change = VerdictChange(Verdict.TOO_EARLY, snapshot.as_of - 20 * MINUTE, "errors rose again at 14:33:10")
    recovery = replace(snapshot.recovery, verdict=Verdict.SECOND_WAVE, confirmed=False, over=False)
    recovery = replace(recovery, fix_at=snapshot.incident.start + 60_000_000)
    snapshot = replace(snapshot, sentences=(back, *snapshot.sentences[1:]), recovery=recovery, history=(change,))
    assert snap_compare(make_app(snapshot), terminal_size=(120, 40), press=["5"], run_before=settle)


def test_files(snap_compare, make_app):
    """What is read, and what was written since and not given."""
    app = make_app()
    found = (NearbyFile("/var/log/haproxy.log", 8_100_000, app.feed.snapshots[0].as_of),)
    app.feed.also_written = lambda snapshot, everywhere: found

    async def look_around(pilot):
        await settle(pilot)
        await pilot.press("6")
        await pilot.app.workers.wait_for_complete()
        await settle(pilot)

    assert snap_compare(app, terminal_size=(120, 40), run_before=look_around)


def test_why_where_there_is_room(snap_compare, make_app):
    """Evidence, what speaks against it, runner-up, what would change the order, cascade."""
    assert snap_compare(make_app(), terminal_size=(120, 50), press=["enter"], run_before=settle)


def test_record_in_detail(snap_compare, make_app):
    """Fields, text, and the way to the same request in other logs."""
    press = ["2", "G", "k", "k", "enter", "enter"]
    assert snap_compare(make_app(), terminal_size=(100, 30), press=press, run_before=settle)


def test_proof(snap_compare, make_app):
    """The commands that show the same without logscope."""
    assert snap_compare(make_app(), terminal_size=(100, 30), press=["2", "v"], run_before=settle)


def test_export(snap_compare, make_app):
    """What the report holds, with a preview."""
    assert snap_compare(make_app(), terminal_size=(120, 40), press=["X", "down", "space"], run_before=settle)


def test_relative_times_and_big_histogram(snap_compare, make_app):
    """Times count from the onset; errors per minute fill the timeline."""
    assert snap_compare(make_app(), terminal_size=(120, 40), press=["T", "i"], run_before=settle)


def test_picker(snap_compare):
    """No logs were given."""
    files = [
        NearbyFile("./checkout.log", 8_100_000, 58 * MINUTE),
        NearbyFile("/var/log/redis/redis-server.log", 61_000, 40 * MINUTE),
        NearbyFile("/var/log/nginx/access.log", 2_400_000_000, 0),
    ]
    app = PickerApp(files, 60 * MINUTE, ScreenOptions(zone=UTC))
    assert snap_compare(app, terminal_size=(80, 24), press=["space", "down"], run_before=settle)
