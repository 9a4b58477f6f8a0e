"""The laws of layouts: any bytes, no surprises by pickling, the fast plan never disagrees, linear time."""

import pickle
import random
import time

import pytest
from format_samples import BY_NAME, NAMES_BY_FILE, layout_of, learn
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.ingest.layouts.layout import Head, Layout, Sample, is_log, learn_layout
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US
from tests.effort import often


def parse_all(layout: Layout, lines: list[bytes]) -> list[Head | None]:
    state = layout.new_state()
    return [layout.parse(line, state) for line in lines]


def read_fast(layout: Layout, line: bytes) -> tuple[int, Severity | None] | None:
    """What the documentation of the plan says that a line means; None when it does not fit."""
    plan = layout.fast
    assert plan is not None
    base = 0
    if plan.anchor:
        found = line.find(plan.anchor)
        if found < 0:
            return None
        base = found + len(plan.anchor)
    for column, wanted in enumerate(plan.shape):
        byte = line[base + column : base + column + 1]
        if not byte or (byte[0] != wanted and not (wanted == 63 or (wanted == 48 and byte.isdigit()))):
            return None
    stamp_end = max(span[1] for span in (plan.minute, plan.fraction, plan.zone) if span is not None)
    if plan.second is not None:
        stamp_end = max(stamp_end, plan.second + 2)
    if line[base + stamp_end : base + stamp_end + 1].isdigit():
        return None
    minute = layout.read_minute(line[base + plan.minute[0] : base + plan.minute[1]], layout.new_state())
    if minute == NO_TIME:
        return None
    if plan.second is not None:
        second = line[base + plan.second : base + plan.second + 2]
        if int(second) >= 60:
            return None
        minute += int(second) * US
    if plan.fraction is not None:
        minute += int(line[base + plan.fraction[0] : base + plan.fraction[1]][:6].ljust(6, b"0"))
    if plan.zone is not None:
        offset = dict(plan.zones).get(line[base + plan.zone[0] : base + plan.zone[1]])
        if offset is None:
            return None
        minute -= offset
    if plan.level_column is None:
        return minute, None
    at = base + plan.level_column
    severity = next((severity for word, severity in plan.level_words if line.startswith(word, at)), None)
    return None if severity is None else (minute, severity)


def damage(name: str) -> list[bytes]:
    """The lines of a format, twenty times each with a byte changed or cut out."""
    random.seed(name)
    damaged = []
    for line in BY_NAME[name]:
        for _ in range(20):
            at = random.randrange(len(line) + 1)
            damaged.append(line[:at] + random.choice((b"0", b" ", b"x", b"9", b"ERROR ", b"")) + line[at + 1 :])
    return damaged


@pytest.mark.parametrize("file", NAMES_BY_FILE)
def test_fast_plan_agrees_with_parse(file):
    """A line that fits the fast plan has the same time and level as the reference reads, also when it is damaged."""
    for name in NAMES_BY_FILE[file]:
        layout, whole = layout_of(name), BY_NAME[name]
        for line in whole + damage(name) if layout.fast is not None else ():
            fast = read_fast(layout, line)
            head = layout.parse(line, layout.new_state()) if fast is not None else None
            if fast is None or head is None:
                continue
            assert head.time == fast[0], (name, line)
            may_be_unknown = line not in whole and head.severity is Severity.UNKNOWN
            assert fast[1] in (None, head.severity) or may_be_unknown, (name, line)


@pytest.mark.parametrize("file", NAMES_BY_FILE)
def test_pickled_layout_reads_the_same(file):
    """A layout that was sent to another process reads the same heads."""
    for name in NAMES_BY_FILE[file]:
        lines, layout = BY_NAME[name], layout_of(name)
        twin = pickle.loads(pickle.dumps(layout))
        assert parse_all(layout, lines) == parse_all(twin, lines), name
        assert [layout.fields(line) for line in lines] == [twin.fields(line) for line in lines], name


def test_sample_files_are_logs():
    """Every sample is taken for a log."""
    for name, lines in BY_NAME.items():
        data = b"\n".join(lines)
        assert is_log(Sample("x.log", data, b"", b"", len(data), None)), name


def test_a_part_that_is_nearly_all_traces_is_a_log():
    """A part that was cut inside a trace, with forty frames behind each head, holds times."""
    trace = (
        b'  File "/srv/app/client.py", line 819, in send\n    return self.parse(answer)\n' * 20 + b"OSError: refused\n"
    )
    data = trace + (b"2026-03-05 14:02:08.123 | ERROR    | app.store:load:59 - could not load\n" + trace) * 4
    assert is_log(Sample("x.log", data, b"", b"", len(data), None))


ALPHABET = st.sampled_from(
    b'2026-03-05 14:02:08;14:02:08;Mar  5 14:02:08;ERROR;{";"level":;level=;[;];";\x1b[31m;\xff;\0;\t; ;=;:;|;'
    b"1772719328;\\;\xe2\x80\xa8;99;e9".split(b";")
)
HOSTILE = st.one_of(st.binary(max_size=200), st.lists(ALPHABET, max_size=30).map(b"".join))


@settings(max_examples=often(25))
@given(line=HOSTILE.map(lambda text: text.replace(b"\n", b"")))
def test_any_bytes_are_accepted(line):
    """Whatever a line holds, every layout gives a head within the line, or None, and fields."""
    for layout in map(layout_of, BY_NAME):
        head = layout.parse(line, layout.new_state())
        if head is not None:
            assert 0 <= head.message <= len(line)
            assert head.time is None or isinstance(head.time, int)
        layout.fields(line + b"\n" + line)


@settings(max_examples=often(40))
@given(lines=st.lists(HOSTILE, max_size=12), forced=st.sampled_from([None, "redis", "nonsense"]))
def test_any_file_can_be_learned(lines, forced):
    """A layout is learned from any bytes, and then reads them."""
    data = b"\n".join(lines)
    layout = learn_layout(Sample("x", data, data[3:], data[5:], len(data) * 3, 0), forced=forced)
    parse_all(layout, data.split(b"\n"))
    is_log(Sample("x", data, b"", b"", len(data), None))


def test_lone_carriage_returns_are_no_table():
    """Progress bars that overwrite themselves are text like any other."""
    lines = [b"Get:1 a, b\rGet:2 c, d", b"2026-03-05 14:02:08 ERROR a: b"]
    assert parse_all(learn(lines), lines)[-1] is not None


@pytest.mark.slow
@pytest.mark.parametrize("text", [b" ", b"a=", b'"', b"[a] ", b'{"a":', b"a:", b"a b "])
def test_time_grows_with_length_only(text):
    """No text makes reading a line more than linear: 8 KiB are read at once, or 24 KiB take about three times that."""
    for name, lines in BY_NAME.items():
        layout = layout_of(name)

        def cost(size, layout=layout, lines=lines):
            line = (lines[-1][: len(lines[-1]) // 2] + text * size)[:size]
            begin = time.process_time()
            layout.parse(line, layout.new_state())
            return time.process_time() - begin

        # Where it is quadratic that is nine times the work; a busy machine makes single looks seem slow.
        least = [min(cost(size) for _ in range(3)) for size in (8192, 24_576)] if cost(8192) > 0.05 else [0, 0]
        assert least[1] <= 6 * least[0], name


def test_a_long_word_is_not_parted_among_columns_in_every_way():
    """Columns before a level take whole words: one of 250 letters was tried as two, three and four of them (0.5 s)."""
    long = b"- 1772719328 R04-M1 2026" + b"-026" * 50 + b"-03-05-06.02.08.101233 R04-"
    line = b"- 1772719328 R04-M1 2026-03-05-06.02.08.101233 R04-M1 BOARD INFO fan %d spins at 4100"
    layout = learn([long, *(line % n for n in range(4))])
    begin = time.process_time()
    layout.parse(long, layout.new_state())
    assert time.process_time() - begin < 0.1


def test_rare_lines_of_another_shape_are_heads():
    """A line that begins with a full date is a record of its own, though only one in a hundred is written so."""
    lines = [b"2026-03-05 14:02:%02d,123 [main] INFO  c.s.Cart - cart %d opened" % (n % 60, n) for n in range(200)]
    strays = [
        b"[05/Mar/2026:14:03:01 +0100] watchdog: restarting",
        b"2026-03-05 14:03:02 ERROR could not bind",
        b"Thu Mar  5 14:03:03 2026 TLS handshake failed",
        b"[2026-03-05T14:03:04Z] WARN: slow",
    ]
    layout = learn(lines)
    heads = parse_all(layout, [*strays, b"\tat x.Y.z(Y.java:12)", b"2026-03 results: 12:30"])
    assert [None if head is None else (head.time, head.severity.word, head.message > 0) for head in heads] == [
        (1_772_715_781 * US, None, True),
        (1_772_719_382 * US, "error", True),
        (1_772_719_383 * US, None, True),
        (1_772_719_384 * US, "warn", True),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("forced", "line", "level"),
    [
        ("json", b'{"x":"2026-03-05T14:02:08Z","sev":"x","severity":"ERROR","z":"bad thing"}', "error"),
        ("pino", b'{"level":50,"time":1772719328000,"msg":"bad"}', "error"),
        ("logfmt", b"ts=2026-03-05T14:02:08Z lvl=error msg=bad", "error"),
        ("logback", b"2026-03-05 14:02:08,123 ERROR c.s.Cart - bad", "error"),
        ("text", b"2026-03-05 14:02:08,123 ERROR c.s.Cart - bad", "error"),
        ("plain", b"2026-03-05 14:02:08,123 ERROR c.s.Cart - bad", None),
    ],
)
def test_names_that_check_tells_can_be_forced(forced, line, level):
    """Objects, pairs, tables, text and plain lines are read as the user says, under the name that the user says."""
    data = b"a banner without anything\n" * 20 + line + b"\n"
    layout = learn_layout(Sample("x.log", data, b"", b"", len(data), None), forced=forced)
    head = layout.parse(line, layout.new_state())
    assert head is not None
    assert (head.severity.word, head.time is not None) == (level, forced != "plain")
    assert layout.name == ("text" if forced == "plain" else forced)


def test_a_time_in_a_sentence_is_no_head():
    """What a syslog program says of another time stays in its message."""
    said = (
        "visit from 192.0.2.7 () at Sun Jul 24 02:38:22 2005",
        "guest gone idle after 900 seconds at Mon Jul 25 21:35:00 2005",
        "asked by 00:11:43:e3:ba:c3 via eth1",
    )
    lines = [f"Oct 12 10:4{n}:46 web1 doord[{n}]: {text}".encode() for n, text in enumerate(said)]
    layout = learn(lines)
    heads = parse_all(layout, lines)
    assert [line[head.message :].decode() for line, head in zip(lines, heads, strict=True) if head] == list(said)


@pytest.mark.parametrize("foreign", [b"#fields\tts\tuid", b"#Software: x", b"#close"])
def test_another_tables_directive_among_rows_is_no_row(foreign):
    """A table whose second column is the time, with the directives of a writer of another kind in it, is read."""
    row = b"Error,2026-03-05 14:02:%02d,disk,7,none"
    lines = [b"Level,Date and Time,Source,Event ID,Task Category", *[row % n for n in range(9)], foreign]
    layout = learn(lines)
    heads = parse_all(layout, lines)
    assert [head is not None and head.time is not None for head in heads] == [False, *[True] * 9, False]


@pytest.mark.parametrize(("count", "levels"), [(40, {Severity.INFO}), (10, {Severity.UNKNOWN})])
def test_a_bare_everyday_level_is_read_where_no_other_was_seen(count, levels):
    """Many lines that all begin with `info` have levels: the first error may stand far behind the sample."""
    lines = [f"2026-05-04T09:00:{n % 60:02}Z info stored {n} bytes".encode() for n in range(count)]
    heads = parse_all(learn(lines), lines)
    assert {head.severity for head in heads if head is not None} == levels


def test_a_digest_that_begins_a_file_is_no_riddle():
    """Letters and digits in turn, as long as two digests: where each number ends is not tried in every way."""
    lines = [(b"a1b2c3d4e5f6" * 16)[:160] + b" of %d" % n for n in range(4)] + [b"a1b2c3d4e5f6" * 12 + b"zz"] * 40
    begin = time.process_time()
    learn(lines)
    assert time.process_time() - begin < 10


def test_objects_whose_messages_are_requests_have_a_status():
    """`{"msg": "POST /invoice", "status": 500}` names no method and no path, and is a request all the same."""
    line = b'{"time":"2026-03-05T14:02:%02dZ","level":"info","msg":"%s /invoice","status":%d}'
    lines = [line % (n, b"POST", 201) for n in range(50)]
    layout = learn_layout(Sample("x.log", b"\n".join(lines) + b"\n", b"", b"", 5000, None))
    assert layout.parse(line % (51, b"POST", 503), layout.new_state()).status == 503
    lines = [line.replace(b" /invoice", b" done") % (n, b"job", 201) for n in range(50)]
    layout = learn_layout(Sample("x.log", b"\n".join(lines) + b"\n", b"", b"", 5000, None))
    assert layout.parse(lines[0], layout.new_state()).status == 0


@pytest.mark.parametrize(
    ("header", "row", "value"),
    [
        (b"timestamp,metric,value", b"%s,load_%d,4", 2),
        (b"time;host;name;value", b"%s;web1;load_%d;0.5", 3),
        (b"timestamp,service,metric_name,metric_value,unit", b"%s,cart,load_%d,17,ms", 3),
        (b"timestamp,service,metric,value,message", b"%s,cart,load_%d,17,all is well", None),
        (b"timestamp,service,name,value", b"%s,cart,all is well %d,17", None),
    ],
)
def test_rows_that_name_what_they_measure(header, row, value):
    """Each is one measurement: its name is the message, digits and all, and the value has a column of its own."""
    lines = [header, *(row % (b"2026-05-04T09:%02d:%02dZ" % (n // 60, n % 60), n % 3) for n in range(120))]
    layout = learn(lines)
    assert layout.forms[0].columns.value == value
    if value is not None:
        assert {layout.fields(line).message for line in lines[1:]} == {"load_0", "load_1", "load_2"}


def test_levels_in_the_letters_of_older_writers():
    """A word of a level with letters beyond ASCII is known in latin-1 as in UTF-8."""
    rows = [f"05/03/2026 14:02:0{n};{level};stock;créée" for n, level in enumerate(("INFO", "DÉBOGAGE", "ERREUR"))]
    lines = ["Horodatage;Niveau;Composant;Message", *rows]
    expected = [Severity.UNKNOWN, Severity.INFO, Severity.DEBUG, Severity.ERROR]
    for encoding in ("utf-8", "latin-1"):
        found = [line.encode(encoding) for line in lines]
        assert [head.severity for head in parse_all(learn(found), found) if head is not None] == expected


def test_a_last_line_that_is_not_whole_yet_says_nothing_of_how_a_file_is_written():
    """Nineteen lines and the begin of another are read as the nineteen are."""
    line = "2026/03/05 14:02:%02d ...dules/setting/log.go:%d:newLogService() [%s] user judy signed in"
    lines = [(line % (n, 100 + n, "IWE"[n % 3])).encode() for n in range(18)]
    data = b"\n".join([*lines, b"2026/03/05 14:02:18 ..."])
    layout = learn_layout(Sample("x.log", data, b"", b"", len(data), None))
    heads = [layout.parse(one, layout.new_state()) for one in lines]
    expected = [(Severity.INFO, Severity.WARN, Severity.ERROR)[n % 3] for n in range(18)]
    assert [head.severity for head in heads if head is not None] == expected
