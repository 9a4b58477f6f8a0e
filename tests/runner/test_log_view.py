"""Lines around places, all logs by time, and searches that cross slices and parts."""

import gzip
import json
import os
import random

import pytest

from logscope.model.severity import Severity
from logscope.runner.across import Start, find_across
from logscope.runner.batch import run_batch
from logscope.runner.feed import LiveFeed
from logscope.runner.log_view import OpenLog, merge_around
from logscope.runner.repeated_head import find_repeated
from logscope.runner.request import Request, open_request
from logscope.sources.pages import PagePart, PageReader


def stamp(second):
    """A time of the day that the tests are about."""
    return f"2026-03-02 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02},000"


def write_log(path, count, every=1, level=lambda n: "INFO", text=lambda n: f"request {n} served", first=0):
    lines = [f"{stamp(first + n * every)} {level(n):5} [main] shop.Api - {text(n)}" for n in range(count)]
    path.write_text("\n".join(lines) + "\n")
    return path


def open_log(*paths):
    """One log with these parts, oldest first."""
    opened = open_request(Request([str(paths[-1])], siblings=False))
    (plan,) = opened.plans
    reader = PageReader([PagePart(str(path)) for path in paths])
    return OpenLog(plan.source.key, plan.source.service, plan.layout, reader)


def keep_on(_):
    return True


def number_of(line):
    return int(line.text.split(" - request ")[1].split()[0])


@pytest.mark.parametrize("direction", [1, -1])
def test_a_text_is_found_in_all_parts(tmp_path, direction):
    """The search goes on in the older or newer part, compressed or not."""
    old = write_log(tmp_path / "a.log.1", 300)
    packed = tmp_path / "a.log.1.gz"
    packed.write_bytes(gzip.compress(old.read_bytes()))
    old.unlink()
    new = write_log(tmp_path / "a.log", 300, first=300, text=lambda n: f"request {300 + n} served")
    log = open_log(packed, new)
    here = log.around(1 if direction < 0 else 0, 0, 0, 1)[0]
    found = log.find_text(here.part, here.offset, "REQUEST 599 " if direction > 0 else "Request 7 ", direction, keep_on)
    assert number_of(found) == (599 if direction > 0 else 7)
    assert found.number == (300 if direction > 0 else 8)
    assert log.find_text(here.part, here.offset, "no such text", direction, keep_on) is None


def test_a_time_is_found_by_a_few_lines(tmp_path, monkeypatch):
    """Each look of the search by halving reads the next lines, and not as many as the longest trace may have."""
    log = open_log(write_log(tmp_path / "a.log", 40_000))
    read, counts = log.reader.read, []

    def count(*asked):
        page = read(*asked)
        counts.append(len(page.lines))
        return page

    monkeypatch.setattr(log.reader, "read", count)
    first = log.around(0, 0, 0, 1)[0].time
    assert number_of(log.line_at(*log.place_at(first + 30_000 * 1_000_000, 0, 0))) == 30_000
    assert sum(counts) < 300


def test_a_search_stops_when_it_is_told_to(tmp_path):
    """Esc: nothing is found, and not the whole file was read."""
    log = open_log(write_log(tmp_path / "a.log", 1000))
    assert log.find_text(0, 0, "request 999 ", 1, lambda done: False) is None


def test_levels_are_stepped_through_in_both_directions(tmp_path):
    """Errors far away are found; the one under the cursor is not found again."""
    level = {70: "ERROR", 300: "WARN", 20_000: "ERROR", 39_999: "ERROR"}
    log = open_log(write_log(tmp_path / "a.log", 40_000, level=lambda n: level.get(n, "INFO")))
    place, seen = (0, 0), []
    while (line := log.find_level(*place, Severity.ERROR, 1, keep_on)) is not None:
        seen.append(number_of(line))
        place = line.part, line.offset
    assert seen == [70, 20_000, 39_999]
    assert number_of(log.find_level(*place, Severity.ERROR, -1, keep_on)) == 20_000
    warning = log.find_level(*place, Severity.WARN, -1, keep_on)
    assert number_of(log.find_level(warning.part, warning.offset, Severity.WARN, -1, keep_on)) == 300
    assert log.find_level(0, 0, Severity.FATAL, 1, keep_on) is None


def test_only_lines_that_hold_a_text(tmp_path):
    """Matches on both sides of a place in order, with their line numbers; `!` turns it round."""
    log = open_log(write_log(tmp_path / "a.log", 30_000))
    place = log.reader.offset_of_line(0, 15_001)
    lines = log.matching(0, place, "00 served", 3, 4, keep_on)
    assert [number_of(line) for line in lines] == [14_700, 14_800, 14_900, 15_000, 15_100, 15_200, 15_300]
    assert [line.number for line in lines] == [number_of(line) + 1 for line in lines]
    lines = log.matching(0, place, "!9 served", 2, 2, keep_on)
    assert [number_of(line) for line in lines] == [14_997, 14_998, 15_000, 15_001]


def test_a_line_inside_a_record_has_the_time_of_its_own_head(tmp_path):
    """Where only a trace's cause holds the text, it is not told with the time and level of another record that does."""
    path = write_log(tmp_path / "a.log", 200)
    lines = path.read_text().split("\n")
    lines[10] = f"{stamp(10)} INFO  [main] shop.Api - slot 7 given back"
    trace = (
        "failed\nTraceback (most recent call last):\n  File x\njava.lang.X: a\nCaused by: no slot\nCaused by: slot 9"
    )
    lines[150] = f"{stamp(150)} ERROR [main] shop.Api - {trace}"
    path.write_text("\n".join(lines))
    log = open_log(path)
    found = log.matching(0, 0, "slot", 0, 50, keep_on)
    assert [line.text.split()[-1] for line in found] == ["back", "slot", "9"]
    first, *inside = found
    for line in inside:
        assert line.time - first.time == 140_000_000
        assert (line.is_head, line.severity) == (False, Severity.ERROR)
    assert log.matching(0, path.stat().st_size, "slot", 50, 0, keep_on) == found


def test_a_time_is_found_by_halving(tmp_path):
    """The first record at or behind a time, also where several share it."""
    log = open_log(write_log(tmp_path / "a.log", 20_000))
    first = log.around(0, 0, 0, 1)[0].time
    for second in (0, 1, 777, 12_345, 19_999):
        part, offset = log.place_at(first + second * 1_000_000, 0, 0)
        assert number_of(log.around(part, offset, 0, 1)[0]) == second


def test_all_logs_by_time(tmp_path):
    """Lines of several logs are in order of time around the moment; none between is left out."""
    logs = [
        open_log(write_log(tmp_path / "a.log", 2000)),
        open_log(write_log(tmp_path / "b.log", 40, every=50)),
    ]
    moment = logs[0].around(0, 0, 0, 1)[0].time + 1000 * 1_000_000
    merged = merge_around([(log, log.place_at(moment, 0, 0)) for log in logs], moment, 200, 200)
    times = [line.time for line in merged]
    assert times == sorted(times)
    assert sum(time < moment for time in times) == 200
    inside = [line for line in merged if line.service == "b"]
    assert (
        len(inside) == 1 + (times[-1] - times[0]) // 50_000_000 or len(inside) == (times[-1] - times[0]) // 50_000_000
    )


def test_behind_the_end_of_all_logs_stands_their_last_line(tmp_path):
    """Where all lines are older than the moment the newest ones are given."""
    logs = [open_log(write_log(tmp_path / "a.log", 2000)), open_log(write_log(tmp_path / "b.log", 40, every=50))]
    merged = merge_around([(log, log.place_at(2**62, 0, 0)) for log in logs], 2**62, 1, 1)
    assert [(line.service, number_of(line)) for line in merged][-1] == ("a", 1999)


def test_one_record_in_detail(tmp_path):
    """Head, trace, level and ids of the record that a line of the trace belongs to."""
    trace = "\njava.lang.IllegalStateException: no cart\n\tat shop.Api.read(Api.java:12)"
    path = write_log(
        tmp_path / "a.log",
        20,
        level=lambda n: "ERROR",
        text=lambda n: f"request {n} failed traceId=4bf92f3577b34da6{n:04}{trace}",
    )
    log = open_log(path)
    lines = log.around(0, 0, 0, 12)
    detail = log.detail(0, lines[5].offset)
    assert detail.text.startswith(lines[3].text)
    assert "Api.java:12" in detail.text
    assert dict(detail.rows)["level"] == "error"
    assert detail.ids == ("4bf92f3577b34da60001",)


def test_whole_numbers_stay_whole(tmp_path):
    """The fields of a record are shown as the log has them: no fraction where none is written."""
    path = tmp_path / "a.log"
    path.write_text('{"time":"2026-03-02T14:02:03Z","level":"error","msg":"boom","pid":5104,"load":0.25}\n' * 20)
    rows = dict(open_log(path).detail(0, 0).rows)
    assert (rows["pid"], rows["load"]) == ("5104", "0.25")


def test_a_place_that_is_gone_says_why(tmp_path):
    """Cut or deleted: a sentence, no exception."""
    path = write_log(tmp_path / "a.log", 100)
    log = open_log(path)
    assert log.why_gone(0, 50) is None
    path.write_text("")
    assert "cut" in log.why_gone(0, 4000)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("by_level", [False, True])
def test_all_logs_are_searched_in_the_order_in_which_they_stand(tmp_path, direction, by_level):
    """From any line of the merged view the next one with a text, or a level, is the one that stands next, each once."""
    rng = random.Random(5)
    logs = []
    for number in range(3):
        words = [rng.choice(("replaced", "served")) for _ in range(40)]
        path = write_log(
            tmp_path / f"{number}.log",
            40,
            every=number + 1,
            level=lambda n, words=words: "ERROR" if words[n] == "replaced" else "INFO",
            text=lambda n, words=words: words[n],
        )
        logs.append(open_log(path))
    first = logs[0].around(0, 0, 0, 1)[0].time
    lines = merge_around([(log, (0, 0)) for log in logs], first, 0, 200)
    # Where the merged view ends for one log, it does not go on with the others.
    for at, line in enumerate(lines):
        starts = [
            Start(log, 0, line.offset) if log.key == line.source else Start(log, *log.place_at(after, 0, 0), after)
            for number, log in enumerate(logs)
            for after in [line.time + (number < [one.key for one in logs].index(line.source))]
        ]
        found = find_across(
            starts,
            lambda log, part, offset, go: (
                log.find_level(part, offset, Severity.ERROR, direction, go)
                if by_level
                else log.find_text(part, offset, "replaced", direction, go)
            ),
            lambda one: one.begins_at_least(Severity.ERROR) if by_level else "replaced" in one.text,
            direction,
            keep_on,
        )
        rest = lines[at + 1 :] if direction > 0 else lines[:at][::-1]
        expected = next((one for one in rest if "replaced" in one.text), None)
        if expected is not None:
            assert found == expected


@pytest.mark.parametrize(
    ("line", "repeated"),
    [
        (b"2026-11-27 03:37:46.335 UTC [4012] HINT:  Check", b"2026-11-27 03:37:46.335 UTC [4012] "),
        (b"2026-11-27 03:37:46.399 UTC [4012] HINT:  Check", b""),
        (b"\tat c.shop.OrderService.create(OrderService.java:88)", b""),
        (b"", b""),
    ],
)
def test_what_a_continuation_repeats_is_its_head(line, repeated):
    """PostgreSQL writes stamp and process before each line of one error; less than the stamp is no head."""
    head = b"2026-11-27 03:37:46.335 UTC [4012] ERROR:  "
    assert find_repeated(head, line) == repeated


def wrapped(form, number):
    """A line of a service as a collector keeps it."""
    stamp_, text = f"2026-03-02T14:02:{number:02}.000Z", f"basket {number} is gone"
    own = json.dumps({"time": stamp_, "level": "error", "msg": text, "rid": f"{number:08x}"})
    if form == "audit":
        meant = {"resource": "deployments", "namespace": "shop", "name": f"cart-{number}"}
        kind = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "delete", "user": {"username": "jon"}}
        return json.dumps({**kind, "objectRef": meant, "requestURI": "/apis", "requestReceivedTimestamp": stamp_})
    if form == "docker":
        return json.dumps({"log": own + "\n", "stream": "stdout", "time": stamp_})
    if form == "table":
        return f'{stamp_},cart,"{own.replace(chr(34), chr(34) * 2)}"'
    return own if form == "object" else f"{stamp_} ERROR [cart] {text}"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("docker", "basket 7 is gone"),
        ("table", "basket 7 is gone"),
        ("audit", "verb=delete, resource=deployments shop/cart-7, user=jon"),
        ("object", ""),
        ("text", ""),
    ],
)
def test_a_wrapped_line_says_its_message(tmp_path, form, said):
    """Escaped in an object or a column it is unreadable as it stands; what can be read is shown so."""
    path = tmp_path / "cart.log"
    head = ["time,service,message"] if form == "table" else []
    path.write_text("\n".join([*head, *(wrapped(form, n) for n in range(40))]) + "\n")
    log = open_log(path)
    line = log.around(0, 0, 0, 60)[7 + len(head)]
    assert log.message_of(line) == said


def test_searches_let_go_of_the_files(tmp_path):
    """However often one searches, in one log or all of them: a file that is held keeps its room on a full disk."""
    for name in ("a", "b"):
        write_log(tmp_path / f"{name}.log", 300, level=lambda n: "ERROR" if n % 50 == 0 else "INFO")
    request = Request([str(tmp_path)])
    feed = LiveFeed(request, open_request(request), follow=False)
    kinds = run_batch(request, open_request(request)).groups
    line = feed.around((str(tmp_path / "a.log"), 0, 0), 0, 1)[0]
    feed.merged(line.time, 1, 1)
    before = os.listdir("/proc/self/fd")
    for direction in (1, -1):
        feed.find_text(line.spot, "request 250", direction, keep_on)
        feed.find_text_anywhere(line, "request 250", direction, keep_on)
        feed.find_level(line.spot, Severity.ERROR, direction, keep_on)
        feed.find_level_anywhere(line, Severity.ERROR, direction, keep_on)
        feed.find_kind(line.spot, kinds, direction, keep_on)
        feed.find_kind_anywhere(line, kinds, direction, keep_on)
        feed.edge_of(line.spot, direction, is_merged=False)
        feed.edge_of(line.spot, direction, is_merged=True)
    feed.kind_of(line, kinds)
    feed.matching(line.spot, "request", 5, 5, keep_on)
    feed.matching_anywhere("request", line.time, keep_on)
    assert os.listdir("/proc/self/fd") == before
