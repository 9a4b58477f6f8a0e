"""Large logs: their newest part is judged first, and a curve drawn of samples, until all is read or nobody waits."""

import pytest

from logscope.model.files import uncounted
from logscope.model.snapshot import Note
from logscope.model.times import US
from logscope.runner import preview
from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, find_sources, learn_in_turn

BEGIN = 1_772_460_000
SECONDS = 3600
WALL = 1_780_000_000.0


def stamp(second):
    """Of the day that all is written on."""
    return f"2026-03-02T{14 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def write_log(path, complains, every=1, seconds=SECONDS):
    """Three lines every so many seconds, and an error in those that complain."""
    lines = []
    for second in range(0, seconds, every):
        lines += [f"{stamp(second)}.{n}00Z INFO basket {second * 10 + n} was sold to somebody\n" for n in range(3)]
        if complains(second):
            lines.append(f"{stamp(second)}.900Z ERROR no answer from till:7070 for basket {second}\n")
    path.write_text("".join(lines))
    return path


@pytest.fixture
def is_large(monkeypatch):
    """What takes long to read is smaller here."""
    monkeypatch.setattr(preview, "LEAST_BYTES", 100_000)
    monkeypatch.setattr(preview, "_NEWEST", 80_000)
    monkeypatch.setattr(preview, "_FEWEST", 20_000)
    monkeypatch.setattr(preview, "_GLANCE", 4096)


class Reader:
    """A loop that follows, driven by hand."""

    def __init__(self, *paths, when_told=lambda reader: None):
        self.told = []
        self.now = 0.0
        self.when_told = when_told
        request = Request([str(path) for path in paths])
        opened = learn_in_turn(request, find_sources(request, live=True), live=True)
        self.loop = LiveLoop(request, opened, self._take, clock=self._tick, wall=lambda: WALL)

    def _tick(self):
        # Each look at the clock takes a while: something is told between any two pieces.
        self.now += 2.0
        return self.now

    def _take(self, snapshot):
        self.told.append(snapshot)
        self.when_told(self)

    def look(self):
        self.loop.look()
        self.loop.judge()
        return self.told[-1]


def lines_of(path):
    """Lines of a file."""
    return path.read_text().count("\n")


def test_the_newest_part_is_told_before_anything_was_read(tmp_path, is_large):
    """What goes on now is what somebody looks for."""
    shop = write_log(tmp_path / "shop.log", lambda second: second > 3500)
    reader = Reader(shop)
    reader.loop.catch_up()
    first, last = reader.told[0], reader.told[-1]
    assert (first.progress.bytes_read, first.progress.newest_first, first.provisional) == (0, True, True)
    assert first.as_of == last.as_of
    assert "by the newest lines alone" in first.sentences[0].text
    assert first.incident is not None
    assert (last.progress.done, last.progress.newest_first, last.provisional) == (True, False, False)
    assert last.files[0].lines == lines_of(shop)
    assert "newest" not in last.sentences[0].text


def test_lines_that_nobody_counted_have_no_number(tmp_path, is_large):
    """Places are told by the file alone until all is read, and found by where the line begins."""
    reader = Reader(write_log(tmp_path / "shop.log", lambda second: second > 3500))
    reader.loop.catch_up()
    refs = [one.ref for one in reader.told[0].sentences if one.ref is not None]
    assert refs
    assert all(ref.line < 0 for ref in refs)
    text = (tmp_path / "shop.log").read_text()
    assert all(text[: uncounted(ref.line)].endswith("\n") for ref in refs)
    assert all(one.ref.line > 0 for one in reader.told[-1].sentences if one.ref is not None)


def test_what_a_log_complains_of_since_ever_is_nothing_new_in_its_newest_part(tmp_path, is_large):
    """Its oldest part shows what is normal."""
    reader = Reader(write_log(tmp_path / "shop.log", lambda second: second % 7 == 0))
    reader.loop.catch_up()
    assert [snapshot.incident for snapshot in reader.told] == [None] * len(reader.told)
    assert "no kind of error rose" in reader.told[0].sentences[0].text


def test_the_curve_shows_what_lies_before(tmp_path, is_large):
    """A storm in the middle is seen before it is read; sums are about those of all lines."""
    reader = Reader(write_log(tmp_path / "shop.log", lambda second: 1200 <= second < 1800))
    reader.loop.catch_up()
    truth = reader.told[-1].trend
    curve = next(one.trend for one in reader.told if one.trend.start < reader.told[0].trend.start)
    assert (curve.start, curve.bucket_us, len(curve.records)) == (truth.start, truth.bucket_us, len(truth.records))
    assert (curve.estimate, truth.estimate) == (True, False)
    assert sum(curve.records) == pytest.approx(sum(truth.records), rel=0.02)
    assert sum(curve.errors) == pytest.approx(sum(truth.errors), rel=0.1)
    quiet = [n for n, errors in enumerate(truth.errors) if not errors]
    assert sum(curve.errors[n] for n in quiet) < 0.1 * sum(curve.errors)


def test_the_answer_is_that_of_a_reading_without_a_preview(tmp_path, is_large, monkeypatch):
    """What was told meanwhile leaves nothing behind."""
    logs = [
        write_log(tmp_path / "shop.log", lambda second: 1200 <= second < 1800 or second > 3500),
        write_log(tmp_path / "till.log", lambda second: second % 50 == 0, every=5),
    ]
    first = Reader(*logs)
    first.loop.catch_up()
    monkeypatch.setattr(preview, "LEAST_BYTES", 1 << 40)
    second = Reader(*logs)
    second.loop.catch_up()
    assert first.told[0].progress.newest_first
    assert first.told[-1] == second.told[-1]


def test_small_logs_are_read_at_once(tmp_path):
    """Nothing is told twice where all is read in a moment."""
    reader = Reader(write_log(tmp_path / "shop.log", lambda second: second > 3500))
    reader.loop.catch_up()
    assert not any(snapshot.progress.newest_first for snapshot in reader.told)


def test_a_log_whose_stamps_need_its_begin_is_read_from_there(tmp_path, is_large):
    """Without a date in its lines nobody knows which day its end is of."""
    path = tmp_path / "undated.log"
    path.write_text("".join(f"{stamp(n)[11:]}.000 ERROR no till {n}\n" for n in range(SECONDS)))
    reader = Reader(path)
    reader.loop.catch_up()
    assert reader.told[-1].files[0].lines == SECONDS


def test_who_stops_the_reading_goes_on_with_the_newest_lines(tmp_path, is_large):
    """Nothing more is read of what lies before, each new line once, and a short log that was read stays whole."""
    short = write_log(tmp_path / "audit.log", lambda second: False, every=60)
    shop = write_log(tmp_path / "shop.log", lambda second: second > 3500)

    def stop(reader):
        if reader.told[-1].progress.bytes_read:
            reader.loop.stop_reading()

    reader = Reader(short, shop, when_told=stop)
    reader.loop.catch_up()
    stopped = reader.told[-1]
    assert stopped.progress.stopped
    assert "newest lines" in stopped.sentences[0].text
    lines = {file.service: file.lines for file in stopped.files}
    assert lines["audit"] == lines_of(short)
    assert 0 < lines["shop"] < lines_of(shop) / 5
    assert stopped.incident is not None
    with shop.open("a") as file:
        file.write(f"{stamp(SECONDS)}.000Z ERROR no answer from till:7070 for basket 1\n" * 5)
    after = reader.look()
    assert {file.service: file.lines for file in after.files} == {**lines, "shop": lines["shop"] + 5}
    assert after.progress.bytes_read < shop.stat().st_size


def test_what_is_written_meanwhile_is_told(tmp_path, is_large):
    """The screen is live while the rest is read."""
    shop = write_log(tmp_path / "shop.log", lambda second: False)

    def write_more(reader):
        if len(reader.told) == 1:
            with shop.open("a") as file:
                file.write("".join(f"{stamp(SECONDS + n)}.000Z FATAL till is gone\n" for n in range(5)))

    reader = Reader(shop, when_told=write_more)
    reader.loop.catch_up()
    assert any(snapshot.provisional and snapshot.incident is not None for snapshot in reader.told)
    reader.look()
    assert reader.told[-1].files[0].lines == lines_of(shop)


def test_what_people_say_meanwhile_counts_at_once(tmp_path, is_large):
    """A note is seen in the next answer, and in the last."""
    note = Note((BEGIN + 600) * US, "restarted the till")

    def say(reader):
        if len(reader.told) == 1:
            reader.loop.ask(lambda session: session.add_note(note))

    reader = Reader(write_log(tmp_path / "shop.log", lambda second: second > 3500), when_told=say)
    reader.loop.catch_up()
    assert [note in snapshot.notes for snapshot in reader.told] == [False, *[True] * (len(reader.told) - 1)]
