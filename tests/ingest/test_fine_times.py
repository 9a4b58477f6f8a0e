"""Transports that stamp whole seconds around finer stamps: these tell the order within a second."""

from datetime import UTC, datetime, timedelta

import pytest

from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.times import NO_TIME

BEGIN = datetime(2026, 3, 5, 23, 59, 30, tzinfo=UTC)
COUNT = 3000
DELAYS_MS = (0, 40, 5, 300, 80, 700, 20)


def moment(n):
    return BEGIN + timedelta(milliseconds=37 * n + 1)


def clock(time, hours=0):
    time += timedelta(hours=hours)
    return f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}"


LINES = {
    "syslog around whole stamps": lambda got, own: f"{got:%b} {got.day:2d} {got:%H:%M:%S} web1 cart[71]: "
    f"{own:%Y-%m-%d} {clock(own)} INFO c.a.Cart - stored",
    "syslog around clocks": lambda got, own: f"{got:%b} {got.day:2d} {got:%H:%M:%S} web1 cart[71]: "
    f"{clock(own)} [info] x",
    "syslog around another zone": lambda got, own: f"{got:%Y-%m-%dT%H:%M:%S}+0000 web1 cart[71]: "
    f"{own + timedelta(hours=5, minutes=45):%Y-%m-%d} {clock(own, 5.75)} INFO c.a.Cart - stored",
    "collector around objects": lambda got, own: f"{got:%Y-%m-%dT%H:%M:%S}+00:00\tapp.cart\t"
    f'{{"ts":"{own:%Y-%m-%dT}{clock(own)}Z","level":"info","msg":"stored"}}',
    "object around text": lambda got, own: f'{{"time":"{got:%Y-%m-%dT%H:%M:%SZ}",'
    f'"log":"{own:%Y-%m-%d} {clock(own)} INFO stored\\n","stream":"stdout"}}',
    "table around text": lambda got, own: f"{got:%Y-%m-%d %H:%M:%S},cart,{own:%Y-%m-%d} {clock(own)} INFO stored",
}  # fmt: skip


def read_both(lines):
    """Times in microseconds as the scanner reads them all at once, and as the layout does line by line."""
    lines = list(lines)
    data = b"".join(line.encode() + b"\n" for line in lines)
    layout = learn_layout(Sample("x.log", data[:65_536], b"", b"", len(data), round(BEGIN.timestamp() * 1e6)))
    scanner, state = Scanner(layout, "own"), layout.new_state()
    fast = [time for batch in (scanner.feed(data), scanner.flush()) for time in batch.time.tolist()]
    heads = [layout.parse(line.encode(), state) for line in lines]
    return fast, [NO_TIME if head.time is None else head.time for head in heads if head is not None]


@pytest.mark.parametrize("name", LINES)
def test_the_writer_tells_where_in_the_second(name):
    """Whatever day and zone its stamp has or lacks, also behind midnight; each tier gives the same."""
    delays = [timedelta(milliseconds=DELAYS_MS[n % len(DELAYS_MS)]) for n in range(COUNT)]
    head = ["time,service,log"] if name.startswith("table") else []
    lines = [LINES[name](moment(n) + delay, moment(n)) for n, delay in enumerate(delays)]
    fast, slow = read_both([*head, *lines])
    assert fast == slow
    assert fast[len(head) :] == [round(moment(n).timestamp() * 1000) * 1000 for n in range(COUNT)]


def test_a_stamp_that_is_far_off_is_another_s():
    """What waited for long, or tells of another moment, is placed by its transport."""
    apart = [timedelta(seconds=(0.2, 0.2, 0.2, 0.2, 0.2, 40)[n % 6]) for n in range(COUNT)]
    line = LINES["syslog around whole stamps"]
    got = [moment(n) + delay for n, delay in enumerate(apart)]
    fast, slow = read_both([line(one, moment(n)) for n, one in enumerate(got)])
    assert fast == slow
    assert fast[:12] == [
        int(got[n].timestamp()) * 1_000_000 if n % 6 == 5 else round(moment(n).timestamp() * 1000) * 1000
        for n in range(12)
    ]


@pytest.mark.parametrize("delay_s", [30, -30, 400])
def test_stamps_of_other_moments_tell_nothing(delay_s):
    """Where they are all far off the transport's count: replayed lines, buffers, clocks that are wrong."""
    line = LINES["syslog around whole stamps"]
    fast, slow = read_both([line(moment(n), moment(n) - timedelta(seconds=delay_s)) for n in range(COUNT)])
    assert fast == slow
    assert fast == [int(moment(n).timestamp()) * 1_000_000 for n in range(COUNT)]


def test_requests_are_of_the_moment_when_they_are_over():
    """What a proxy stamps is when they came."""
    fast, slow = read_both(
        f"{got:%b} {got.day:2d} {got:%H:%M:%S} lb haproxy[71]: 10.1.2.3:5021 [{own:%d/%b/%Y:}{clock(own)}] web cart/c1 "
        f'0/0/0/{n % 90}/{n % 90} 200 212 - - ---- 9/9/1/0/3 0/0 "GET / HTTP/1.1"'
        for n in range(COUNT)
        for own, got in [(moment(n), moment(n) + timedelta(milliseconds=n % 90))]
    )
    assert fast == slow
    assert not any(time % 1_000_000 for time in fast)


def test_a_transport_with_fine_stamps_counts():
    """Its own stamp has the zone, and one clock for all services."""
    lines = [
        f'{{"time":"{own:%Y-%m-%dT}{clock(own)}Z","stream":"stdout",'
        f'"log":"{own:%Y-%m-%d} {clock(own - timedelta(seconds=0.3))} INFO x\\n"}}'
        for own in map(moment, range(COUNT))
    ]
    fast, slow = read_both(lines)
    assert fast == slow
    assert fast == [round(moment(n).timestamp() * 1000) * 1000 for n in range(COUNT)]
