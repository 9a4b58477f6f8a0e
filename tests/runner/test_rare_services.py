"""Services that write rarely into a stream of several are read as their own lines ask for."""

import pytest

from logscope.ingest.layouts.layout import Sample
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME
from logscope.runner.intake import Intake
from logscope.runner.planning import Plan, learn_stream, make_plans
from logscope.sources.discovery import Part, Source, discover

RARE = [
    b"store-1  | 914:M 05 Mar 2026 14:02:07.962 * Background saving started by pid 4411",
    b"store-1  | 914:M 05 Mar 2026 14:02:08.962 # Can't save in background: fork: Cannot allocate memory",
]


def busy(count):
    """Lines of two services that write all the time."""
    form = (
        b'desk-1   | {"time":"2026-03-05T14:%02d:%02d.000Z","level":"info","msg":"seat %d"}',
        b"seats-1  | 2026-03-05T14:%02d:%02d.000Z INFO plan %d read",
    )
    return [form[n % 2] % (n // 100 % 60, n % 60, n) for n in range(count)]


def read(intake, pieces):
    """Severity and whether it has a time of each record, and its line number."""
    found = [scanned for piece in pieces for scanned in intake.feed(piece)] + intake.flush()
    return [
        (int(batch.line[n]), Severity(int(batch.severity[n])), bool(batch.time[n] != NO_TIME))
        for batch, _ in found
        for n in range(len(batch.time))
    ]


def start(head):
    """An intake of a pipe of which the first bytes have come."""
    layout = learn_stream(Sample("all", head, b"", b"", len(head), 0), None)
    part = Part("-", len(head), 0, (0, 0))
    return Intake(Plan(Source("-", "all", (part,)), layout), lambda: 1_772_719_328.0)


@pytest.mark.parametrize("size", [3000, 90_000])
def test_a_service_that_is_in_no_sample_is_learned_from_its_own_lines(tmp_path, size):
    """Of a small file all lines are looked at, of a large one pieces: it writes now and then."""
    lines = busy(size)
    step = len(lines) // 60
    for n in range(60):
        lines.insert(n * step + 700, RARE[n % 2])
    path = tmp_path / "all.log"
    path.write_bytes(b"\n".join(lines) + b"\n")
    ((plan,), _) = make_plans(discover([str(path)], lambda _: True, siblings=False).sources, {})
    heads = [plan.layout.parse(line, plan.layout.new_state()) for line in RARE]
    assert [(head.severity, head.time is not None) for head in heads] == [
        (Severity.NOTICE, True), (Severity.WARN, True),
    ]  # fmt: skip


def test_one_odd_line_is_not_all_that_a_service_is_learned_from(tmp_path):
    """The last line of a file is in its sample: here it is one without a time."""
    lines = busy(3000)
    lines[1500:1500] = RARE
    lines.append(b"store-1  | 914:signal-handler (1772719330) Received SIGTERM scheduling shutdown...")
    path = tmp_path / "all.log"
    path.write_bytes(b"\n".join(lines) + b"\n")
    ((plan,), _) = make_plans(discover([str(path)], lambda _: True, siblings=False).sources, {})
    assert plan.layout.parse(RARE[1], plan.layout.new_state()).time is not None


@pytest.mark.parametrize("cut", [0, 1, 40, 2000])
def test_a_service_that_comes_late_into_a_pipe_is_learned_as_it_comes(cut):
    """From its first line on, wherever the bytes are cut; nobody else's lines are read otherwise."""
    first, later = busy(300), busy(60)
    later[20:20] = RARE
    begin, behind = (b"".join(line + b"\n" for line in lines) for lines in (first, later))
    rows = read(start(begin), [begin, behind[:cut], behind[cut:]])
    assert [line for line, _, _ in rows] == list(range(1, 363))
    assert [(severity, timed) for line, severity, timed in rows if line in (321, 322)] == [
        (Severity.NOTICE, True), (Severity.WARN, True),
    ]  # fmt: skip
    assert {row[1:] for row in rows if row[0] not in (321, 322)} == {(Severity.INFO, True)}


def test_a_trace_before_the_first_line_of_a_new_service_stays_whole():
    """The layout changes where that line begins, not where the bytes do."""
    begin = b"".join(line + b"\n" for line in busy(300))
    trace = [
        b"seats-1  | 2026-03-05T14:07:00.000Z ERROR plan lost",
        b"seats-1  | java.lang.IllegalStateException: no plan",
        b"seats-1  | \tat seats.Plan.read(Plan.java:7)",
        b"seats-1  | \tat seats.Plan.open(Plan.java:9)",
    ]
    behind = b"".join(line + b"\n" for line in [*trace, RARE[1], *busy(4)])
    rows = read(start(begin), [begin, behind])
    assert [row[0] for row in rows[300:]] == [301, 305, 306, 307, 308, 309]


def test_the_learned_layout_is_that_of_its_lesson():
    """What is kept of it is enough to learn it again, the rare service with it."""
    begin = b"".join(line + b"\n" for line in [*busy(400), *RARE, *busy(100)])
    layout = start(begin).plan.layout
    assert RARE[0] in layout.lesson.lines
