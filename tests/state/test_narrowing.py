"""Of a saved incident a span of time is left: the answer is that of the logs of this span, as far as they were kept."""

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest

from logscope.cli.saved import load_given
from logscope.runner.batch import judge_batch
from logscope.runner.request import Request, open_request
from logscope.runner.resuming import judge_again, resume
from logscope.state.incident import Saved, pack, unpack
from logscope.state.narrowing import Range, find_unexamined, narrow_session

US = 1_000_000
BEGIN = 1_772_460_000
END = BEGIN + 1800


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Uploads fail from the fifth minute to the seventh, payments from the seventeenth to the nineteenth."""
    folder = tmp_path_factory.mktemp("town")
    chance = np.random.default_rng(3)
    edge, media, pay = [], [], []
    for now in range(BEGIN, END):
        stamp = np.datetime64(now, "s").item()
        for route, log in (("PUT /media", media), ("POST /pay", pay)):
            is_full = log is media and 300 <= now - BEGIN < 420 and chance.random() < 0.8
            is_refused = log is pay and 1020 <= now - BEGIN < 1140 and chance.random() < 0.4
            status = 507 if is_full else 502 if is_refused else 200
            edge.append(f'10.1.1.9 - - [{stamp:%d/%b/%Y:%H:%M:%S} +0000] "{route} HTTP/1.1" {status} 160 "-" "-"')
            words = "ERROR write failed: no space left on device" if is_full else "INFO done"
            words = "ERROR refused: certificate has expired" if is_refused else words
            log.append(f"{stamp.isoformat()}Z {words} id={chance.integers(10**6)} ms={chance.integers(90)}")
    for name, lines in (("edge", edge), ("media", media), ("pay", pay)):
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    return folder


def read(folder, **options):
    request = Request([str(folder)], **options)
    snapshot, reading = judge_batch(request, open_request(request))
    return Saved(snapshot, reading.keep())


@pytest.fixture(scope="module")
def whole(town):
    """The saved incident of all of it."""
    return read(town)


def narrow(saved, since=None, until=None):
    span = Range(*(Range().begin if since is None else since, Range().end if until is None else until))
    session = narrow_session(saved.session, span, {})
    left = unpack(pack(Saved(saved.snapshot, session)), "x.lsx")
    return judge_again(left, resume(left, "x.lsx"))


def tell(snapshot):
    """What a person would compare."""
    rest = snapshot.incident
    return {
        "verdict": (snapshot.recovery.verdict, snapshot.recovery.over, snapshot.recovery.since),
        "waves": [(wave.start, wave.end, wave.asked, wave.failed) for wave in snapshot.recovery.waves],
        "incident": (rest.start, rest.end, rest.services, rest.success_rate),
        "candidates": [(one.service, one.headline, one.line, one.confidence) for one in snapshot.candidates],
        "groups": sorted((one.id, one.count, one.line, one.first_seen // US) for one in snapshot.groups),
        "files": [(one.path, one.records, one.errors, one.warnings) for one in snapshot.files],
        "further": [one.incident.start for one in snapshot.further],
        "as_of": snapshot.as_of // US,
    }


@pytest.mark.parametrize(
    ("since", "until"),
    [(BEGIN + 600, None), (None, BEGIN + 900), (BEGIN + 200, BEGIN + 800), (BEGIN + 120, BEGIN + 1100)],
)
def test_the_answer_is_that_of_the_span(town, whole, since, until):
    """Verdict, waves, cause, shares and counts are those of logs that are read between the same times."""
    span = {name: at * US for name, at in (("since", since), ("until", until)) if at is not None}
    assert tell(narrow(whole, **span)) == tell(read(town, **span).snapshot)


def test_nothing_is_left_out_of_the_whole(whole):
    """A span that holds all records leaves the answer as it is."""
    assert tell(narrow(whole, BEGIN * US, END * US)) == tell(whole.snapshot)


def test_where_less_is_known_that_is_found(whole):
    """Records below a warning that were read around the incident alone are told where they do not cover the span."""
    session = whole.session
    assert find_unexamined(session, Range(), {}) is None
    around = narrow_session(session, Range((BEGIN + 200) * US, (BEGIN + 700) * US), {})
    partly = replace(session, window=around.window)
    assert find_unexamined(partly, Range(), {}) == ((BEGIN + 200) * US, (BEGIN + 700) * US)
    assert find_unexamined(partly, Range((BEGIN + 300) * US, (BEGIN + 600) * US), {}) is None


def test_the_answer_says_which_time_was_asked_for(town, tmp_path):
    """Of logs and of a saved incident; what was left out when it was saved stays out."""
    saved = read(town, since=(BEGIN + 60) * US)
    assert saved.snapshot.asked == ((BEGIN + 60) * US, None)
    path = tmp_path / "town.lsx"
    path.write_bytes(pack(saved))
    given = load_given(Namespace(paths=[str(path)], since=None, until="2026-03-02T14:15:00Z"))
    assert given is not None
    assert given.snapshot.asked == ((BEGIN + 60) * US, (BEGIN + 900) * US)
