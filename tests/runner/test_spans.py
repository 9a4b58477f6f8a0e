"""A few minutes of a large log are found without reading all of it, and give what reading all of it gives."""

import pytest

from logscope.model.times import MINUTE_US, US
from logscope.runner import batch, spans
from logscope.runner.batch import BatchReading, start_session
from logscope.runner.request import Request, open_request

START = 1_772_460_000 * US


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Three hours of a log, and small steps to search it by."""
    monkeypatch.setattr(spans, "SMALLEST", 0)
    monkeypatch.setattr(spans, "_CLOSE", 4096)
    monkeypatch.setattr(spans, "_GLANCE", 2048)
    lines = []
    for n in range(10_800):
        level = "ERROR" if n % 11 == 0 else "INFO"
        hour, minute, second = 14 + n // 3600, n // 60 % 60, n % 60
        lines.append(f"2026-03-02T{hour}:{minute:02d}:{second:02d}.000Z {level} [main] c.s.Cart - cannot read cart {n}")
        if n % 22 == 0:
            lines.append("java.lang.IllegalStateException: x\n\tat com.shop.Cart.read(Cart.java:7)")
    path = tmp_path / "cart.log"
    path.write_text("\n".join(lines) + "\n")
    return path


def read_session(path, since, until):
    request = Request([str(path)], since=since, until=until)
    opened = open_request(request)
    session = start_session(request, opened)
    BatchReading(session, request, opened).read_all()
    return session


def read(path, since, until):
    return read_session(path, since, until).index


@pytest.mark.parametrize(("since", "until"), [(90, None), (None, 30), (80, 100), (500, None)])
def test_a_span_gives_what_the_whole_gives(log, monkeypatch, since, until):
    """Groups, places and line numbers are those of reading the whole file and leaving out the rest."""
    asked = [None if bound is None else START + bound * MINUTE_US for bound in (since, until)]
    found = read(log, *asked)
    monkeypatch.setattr(spans, "SMALLEST", 1 << 60)
    whole = read(log, *asked)
    (key,) = whole.sources
    assert found.sources[key].parts[0].lines < 0.8 * whole.sources[key].parts[0].lines
    assert {k: (g.count(), g.exemplars.all()) for k, g in whole.groups.items()} == {
        k: (g.count(), g.exemplars.all()) for k, g in found.groups.items()
    }
    assert whole.sources[key].seek == found.sources[key].seek


def test_a_log_without_zones_is_searched_by_the_zone_that_is_known(log):
    """Of stamps without a zone a few minutes are found, too, where they are read by one offset."""
    log.write_text(log.read_text().replace("Z ", " "))
    found = read(log, START + 90 * MINUTE_US, START + 100 * MINUTE_US)
    (state,) = found.sources.values()
    assert state.parts[0].lines < 3000
    assert state.parts[0].first == START + 90 * MINUTE_US
    assert sum(group.count() for group in found.groups.values()) == 55


def test_a_log_whose_times_go_back_is_read_whole(log):
    """Where lines are not in the order of time nothing can be skipped."""
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[5000:] + lines[:5000]) + "\n")
    index = read(log, START + 90 * MINUTE_US, None)
    (state,) = index.sources.values()
    assert state.parts[0].lines == len(lines)


def test_a_short_span_of_a_large_log_is_read_once(log, monkeypatch):
    """Where little is asked for all of it is looked at at once, however large the file; else what is told matters."""
    monkeypatch.setattr(batch, "EXAMINE_ALL", log.stat().st_size // 4)
    assert read_session(log, START + 160 * MINUTE_US, None).window.groups
    assert not read_session(log, START + 60 * MINUTE_US, None).window.groups
