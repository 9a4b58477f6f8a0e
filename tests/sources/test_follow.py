"""Live reading: each line exactly once, whatever happens to the file."""

import errno
import os
import random

import pytest

from logscope.sources.events import Lost, Rotated, Truncated, Waiting
from logscope.sources.follow import Follower
from logscope.sources.generations import Mark
from logscope.sources.opening import followers_held_open
from tests.sources.live import Clock, Log, Reader


@pytest.fixture(params=[True, False], ids=["held", "reopened"])
def hold_open(request):
    """Every rotation is survived with an open handle, and with none between two looks."""
    return request.param


def follow(log, **options):
    reader = Reader(log, **options)
    reader.poll()
    return reader


def test_append(tmp_path, hold_open):
    """What is appended is read once, from the begin of the file."""
    log = Log(tmp_path)
    log.write()
    reader = follow(log, hold_open=hold_open)
    log.write()
    reader.poll(3)
    assert (reader.lines, reader.events) == (log.written, [])


ROTATIONS = {
    "rename": lambda log, reader: log.rotate(),
    "rename, then seen missing": lambda log, reader: (log.rotate(), reader.poll()),
    "rename twice": lambda log, reader: (log.rotate(), log.write(), log.rotate()),
    "rename five times": lambda log, reader: [(log.rotate(), log.write(3)) for _ in range(5)],
    "rename and gzip": lambda log, reader: (log.rotate(), log.compress(1)),
    "rename twice and gzip both": lambda log, reader: (
        log.rotate(), log.write(), log.rotate(), log.compress(2), log.compress(1)),
    "copytruncate": lambda log, reader: log.copytruncate(),
    "copytruncate, grown past the old size": lambda log, reader: (log.copytruncate(), log.write(100)),
    "copytruncate twice": lambda log, reader: (log.copytruncate(), log.write(), log.copytruncate()),
    "copytruncate and gzip": lambda log, reader: (log.copytruncate(), log.compress(1)),
    "move to another folder": lambda log, reader: (
        os.mkdir(log.folder / "old"), os.rename(log.path, log.folder / "old" / "x.log"), log.forget()),
}  # fmt: skip


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotation(tmp_path, name, hold_open):
    """Unread lines before a rotation and all lines after it are read once, in order."""
    if name == "move to another folder" and not hold_open:
        pytest.skip("without a handle a file that leaves its folder cannot be found; it is told as lost")
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    log.write(20)
    ROTATIONS[name](log, reader)
    log.write(40)
    reader.poll(2)
    log.write(5)
    reader.settle()
    assert log.written == reader.lines
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotation_before_first_read(tmp_path, name):
    """The same holds when the first look comes after a batch reading and a rotation."""
    if name == "move to another folder":
        pytest.skip("told as lost")
    log = Log(tmp_path)
    log.write(40)
    content = (tmp_path / "x.log").read_bytes()
    info = os.stat(log.path)
    mark = Mark.at(len(content), content, (info.st_dev, info.st_ino), info.st_mtime_ns)
    log.write(20)
    reader = Reader(log, start=mark)
    ROTATIONS[name](log, reader)
    log.write(40)
    reader.settle()
    assert reader.lines == log.written[40:]
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("action", ["delete", "replace", "truncate"])
def test_cut_after_reading(tmp_path, action, hold_open):
    """Deleted, replaced and cut files that had been read lose nothing."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    getattr(log, action)()
    log.write(100)
    reader.settle()
    assert log.written == reader.lines
    # Without a handle, a new file with the old one's inode number looks like the old one, cut.
    assert reader.kinds.count("Truncated") + reader.kinds.count("Rotated") == 1


@pytest.mark.parametrize("action", ["delete", "replace"])
def test_unread_lines_of_unlinked_file(tmp_path, action):
    """The open handle gives the unread lines of a file that has no name any more."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.write(50)
    getattr(log, action)()
    log.write(10)
    reader.settle()
    assert log.written == reader.lines


def test_lost_is_told(tmp_path):
    """Without a handle, a file that was deleted with unread lines is told as lost, or as cut (its inode was reused)."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log, hold_open=False)
    log.write(10)
    log.delete()
    log.write(10)
    reader.settle()
    assert {"Lost", "Truncated"} & set(reader.kinds)
    assert log.written[20:] == reader.lines[10:]


def test_lost_lines_of_a_replaced_file_are_told(tmp_path):
    """Without a handle, a file with unread lines that another one takes the place of is told as lost, once."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log, hold_open=False)
    log.write(10)
    log.replace()
    log.write(10)
    reader.settle()
    assert reader.kinds == ["Lost", "Rotated"]
    assert reader.lines == log.written[:10] + log.written[20:]


def test_truncated_and_regrown(tmp_path, hold_open):
    """A file that was cut and grew past its old size is known by its bytes, not by its size."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    log.truncate()
    log.write(500)
    reader.poll(2)
    assert (reader.lines, reader.events) == (log.written, [Truncated(1)])


@pytest.mark.parametrize("looked", [True, False], ids=["seen at the cut", "seen when written"])
@pytest.mark.parametrize(("kept", "more"), [(25, 5), (25, 300), (1, 3), (39, 40)])
def test_cut_in_the_middle(tmp_path, hold_open, kept, more, looked):
    """What remains of a file that was cut in its middle is not read again, and places stay true."""
    log = Log(tmp_path)
    log.write(40)
    size = os.stat(log.path).st_size // 40
    reader = follow(log, hold_open=hold_open)
    os.truncate(log.path, kept * size)
    if looked:
        reader.poll()
    log.write(more)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, kept * size, 40 - kept)]
    assert reader.offsets[1] == kept * size


def test_cut_in_the_middle_twice_and_within_a_line(tmp_path, hold_open):
    """A cut within a line leaves a part of a line that was read: only what is written behind it is new."""
    log = Log(tmp_path)
    log.write(40)
    size = os.stat(log.path).st_size // 40
    reader = follow(log, hold_open=hold_open)
    os.truncate(log.path, 30 * size + 7)
    reader.poll()
    log.write(3)
    reader.poll()
    os.truncate(log.path, 20 * size)
    log.write(3)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, 30 * size + 7, 10), Truncated(2, 20 * size, 13)]


def test_cut_in_the_middle_of_a_large_file(tmp_path):
    """Places stand further apart in a file of many lines; a cut that is seen before more is written is still exact."""
    log = Log(tmp_path)
    for _ in range(10):
        log.write(10_000)
    size = os.stat(log.path).st_size // 100_000
    reader = follow(log)
    while reader.follower.has_more:
        reader.poll()
    os.truncate(log.path, 60_001 * size)
    reader.poll()
    log.write(10)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, 60_001 * size, 39_999)]


def test_a_large_file_cut_in_its_middle_and_written_on_at_once(tmp_path):
    """Where it was cut between two places cannot be seen any more: what is read again are few lines, and is told."""
    log = Log(tmp_path)
    log.write(100_000)
    size = len(log.written[0]) + 1
    reader = follow(log.path)
    reader.poll(3)
    os.truncate(log.path, 60_007 * size)
    log.write(500)
    reader.settle()
    (cut,) = reader.events
    twice = 60_007 - cut.offset // size
    assert 0 < twice <= cut.doubtful < 30
    assert reader.lines == [*log.written[:100_000], *log.written[60_007 - twice : 60_007], *log.written[100_000:]]


def test_emptied_file_that_begins_alike(tmp_path):
    """A header that is written again into an emptied file is a new line."""
    log = Log(tmp_path)
    log.write_raw(b"time,level,message\n")
    log.write(20)
    reader = follow(log)
    log.truncate()
    log.write_raw(b"time,level,message\n")
    log.write(3)
    reader.settle()
    assert reader.lines.count(b"time,level,message") == 2
    assert reader.lines[-3:] == log.written[-3:]


def test_hole_after_truncation(tmp_path):
    """A writer that goes on at its old offset after a cut leaves a hole; it is passed over, and places stay true."""
    path = tmp_path / "x.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, b"old line\n" * 50_000)
        reader = follow(str(path))
        os.truncate(path, 0)
        reader.poll()
        os.write(descriptor, b"new line\n")
        reader.poll(2)
    finally:
        os.close(descriptor)
    assert reader.data[1] == b"new line\n"
    assert reader.offsets[1] == 450_000
    assert reader.kinds == ["Truncated"]


def test_hole_after_a_cut_in_the_middle(tmp_path):
    """The same where the file was cut in its middle: what remains is not read again, the hole is passed over."""
    path = tmp_path / "x.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, b"".join(b"line %06d\n" % n for n in range(50_000)))
        reader = follow(str(path))
        os.truncate(path, 12 * 10_000)
        reader.poll()
        os.write(descriptor, b"new line\n")
        reader.poll(2)
    finally:
        os.close(descriptor)
    assert reader.data[1] == b"new line\n"
    assert reader.offsets[1] == 600_000
    assert reader.events == [Truncated(1, 120_000, 40_000)]


def test_a_hole_in_the_middle_is_not_read(tmp_path, monkeypatch):
    """A writer that skips gigabytes costs no reading; its zeros are given, and so is what it writes behind them."""
    path = tmp_path / "x.log"
    size = 40_000_000
    with path.open("wb", buffering=0) as file:
        file.write(b"line\n" * 100)
        file.seek(size)
        file.write(b"\nline\n")
        sizes = []
        pread = os.pread
        monkeypatch.setattr("os.pread", lambda *words: sizes.append(len(data := pread(*words))) or data)
        reader = follow(str(path))
        reader.poll(10)
        file.write(b"last\n")
        reader.poll(2)
    assert reader.data[0] == (b"line\n" * 100).ljust(size, b"\0") + b"\nline\nlast\n"
    assert reader.events == []
    assert sum(sizes) < size // 4


def test_writer_keeps_old_descriptor(tmp_path):
    """A writer that goes on in the renamed file is read; its file is closed after five silent seconds."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log)
    log.rotate_keeping_descriptor()
    for _ in range(10):
        log.write(8)
        reader.pause(3.0)
        reader.poll()
    assert reader.lines == log.written
    log.forget()
    log.write(10)
    reader.poll()
    assert reader.ended == []
    reader.pause(5.0)
    reader.poll()
    assert (reader.ended, reader.lines) == ([0], log.written)


def test_late_lines_of_old_file_beside_new_ones(tmp_path):
    """Lines that reach the old file while the new one grows keep their generation."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    with open(log.path, "ab", buffering=0) as old:
        log.rotate()
        log.write(10)
        reader.poll()
        old.write(b"late\n")
    log.write(10)
    reader.settle()
    assert reader.data[0].splitlines() == [*log.written[:10], b"late"]
    assert reader.data[1].splitlines() == log.written[10:]


def test_last_line_without_newline(tmp_path, hold_open):
    """A last line without a newline is whole when its generation ends."""
    log = Log(tmp_path)
    log.write(3)
    log.write_raw(b"half")
    reader = follow(log, hold_open=hold_open)
    log.write_raw(b" and half")
    log.rotate()
    log.write(3)
    reader.settle()
    assert reader.data[0].splitlines()[-1] == b"half and half"
    assert reader.ended == [0]
    assert reader.data[1].splitlines() == log.written[3:]


def test_symlink_switch(tmp_path, hold_open):
    """When a link moves on to another file, the old one is read to its end first."""
    link = str(tmp_path / "x.log")
    one, two, three = (Log(tmp_path, f"x.log.2026-11-{day}", first=day * 1000) for day in (21, 22, 23))
    one.write(10)
    os.symlink(one.path, link)
    reader = follow(link, hold_open=hold_open)
    one.write(10)
    for log in (two, three):
        log.write(10)
        os.symlink(log.path, link + "~")
        os.replace(link + "~", link)
    three.write(10)
    reader.settle()
    assert [reader.data[n].splitlines() for n in sorted(reader.data)] == [one.written, two.written, three.written]
    assert [event.generation for event in reader.events if isinstance(event, Rotated)] == [1, 2]


def test_parts_beside_the_file_that_a_link_leads_to(tmp_path, hold_open):
    """A log is followed by a link in another folder: what was rotated twice at once lies beside its target."""
    (tmp_path / "data").mkdir()
    log = Log(tmp_path / "data")
    log.write(10)
    link = tmp_path / "x.log"
    os.symlink(log.path, link)
    reader = follow(str(link), hold_open=hold_open)
    for _ in range(2):
        log.write(10)
        log.rotate()
    log.write(10)
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds) == (log.written, False)


def test_parts_of_a_log_that_became_a_link(tmp_path, hold_open):
    """A log that was rotated often becomes a link, and its target is rotated at once: its parts are the later ones."""
    log = Log(tmp_path)
    reader = follow(log.path, hold_open=hold_open)
    for _ in range(4):
        log.write(10)
        reader.poll(2)
        log.rotate()
    log.write(10)
    reader.poll(2)
    log.forget()
    target = Log(tmp_path, "run.log", first=len(log.written))
    for number in (3, 2, 1, 0):
        target.write(10)
        target.forget()
        if number:
            os.rename(target.path, f"{target.path}.{number}")
    os.rename(log.path, log.path + ".0")
    os.symlink(target.path, log.path)
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds) == ([*log.written, *target.written], False)


def test_missing_then_created(tmp_path, hold_open):
    """A missing file is waited for, said once, and read from its begin."""
    log = Log(tmp_path)
    reader = Reader(log, hold_open=hold_open)
    reader.poll(3)
    log.write()
    reader.poll(2)
    assert (reader.lines, reader.events) == (log.written, [Waiting("no such file")])


def test_missing_then_created_and_rotated(tmp_path, hold_open):
    """A file that is created and rotated while it is waited for is read; parts that lay there before are not."""
    log = Log(tmp_path)
    log.write(5)
    log.rotate()
    reader = Reader(log, hold_open=hold_open)
    reader.poll()
    log.write(5)
    log.rotate()
    log.write(5)
    log.rotate()
    log.write(5)
    reader.settle()
    assert reader.lines == log.written[5:]
    assert sorted(reader.data) == [0, 1, 2]


def test_gone_and_back(tmp_path, hold_open):
    """A path that vanishes is told once, and its next file is another generation."""
    log = Log(tmp_path)
    log.write()
    reader = follow(log, hold_open=hold_open)
    log.delete()
    for _ in range(3):
        reader.poll()
        reader.pause()
    log.write()
    reader.poll()
    assert reader.lines == log.written
    told = [kind for kind in reader.kinds if kind != "Lost"]
    assert told in (["Gone", "Rotated"], ["Gone", "Truncated"])


def test_inode_reuse(tmp_path):
    """A new file that has the inode number of the old one, and is longer, is read from its begin."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=False)
    identity = os.stat(log.path).st_ino
    log.truncate()  # The same inode with other bytes is what reuse looks like.
    log.write(200)
    reader.settle()
    assert os.stat(log.path).st_ino == identity
    assert reader.lines == log.written


def test_directory_replaced(tmp_path, hold_open):
    """When the whole folder is replaced, the old file is read to its end and the new one from its begin."""
    folder = tmp_path / "app"
    folder.mkdir()
    log = Log(folder)
    log.write(20)
    reader = follow(log, hold_open=hold_open)
    if hold_open:
        log.write(20)
    os.rename(folder, tmp_path / "app.old")
    reader.poll()
    folder.mkdir()
    log.forget()
    log.write(20)
    reader.settle()
    assert reader.lines == log.written


def test_permission_taken_and_given_back(tmp_path, monkeypatch):
    """A new file that may not be opened is waited for; nothing of it is lost, and rotations meanwhile are found."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.rotate()
    log.write(10)
    real = os.open

    def refuse(path, *args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("logscope.sources.opening.os.open", refuse)
        reader.poll(3)
        log_lines = list(log.written)
    assert real is os.open
    log.rotate()
    log.write(10)
    reader.settle()
    assert reader.lines == log.written
    assert log_lines == log.written[:20]
    assert reader.kinds == ["Waiting", "Rotated", "Rotated"]


def test_path_becomes_a_pipe(tmp_path):
    """What is no regular file is waited out, never opened for good."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.delete()
    os.mkfifo(log.path)
    reader.poll()
    assert "is a pipe" in reader.events[-1].reason
    os.unlink(log.path)
    log.write(10)
    reader.settle()
    assert reader.lines == log.written


def test_stale_handle_of_overlay(tmp_path):
    """A handle that no longer sees what the path shows is opened anew, and goes on at its offset."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    frozen = tmp_path / "lower"
    frozen.write_bytes((tmp_path / "x.log").read_bytes())
    live = reader.follower._live
    lower = os.open(frozen, os.O_RDONLY)
    os.dup2(lower, live.descriptor)
    os.close(lower)
    log.write(10)
    reader.poll()
    assert (reader.lines, reader.events) == (log.written, [])


def test_bounded_poll(tmp_path):
    """One poll gives no more than its limit, and says that there is more; the old file comes before the new."""
    log = Log(tmp_path)
    log.write(1)
    reader = follow(log, most_bytes=1000)
    log.write(100)
    log.rotate()
    log.write(100)
    polls = 0
    while reader.follower.has_more or polls == 0:
        before = sum(map(len, reader.data.values()))
        reader.poll()
        polls += 1
        assert sum(map(len, reader.data.values())) - before <= 1000
    assert polls > 8
    assert reader.lines == log.written


def test_part_that_was_read_is_not_read_again(tmp_path):
    """A part that was read as the live file, then compressed, is not read again at the next rotation."""
    log = Log(tmp_path)
    log.write(20)
    reader = follow(log)
    for _ in range(4):
        log.rotate()
        log.write(20)
        reader.settle()
        log.compress(1)
    reader.settle()
    assert reader.lines == log.written


def test_parts_that_begin_with_the_same_header_are_others(tmp_path):
    """A part that held a header and no more, and was read, is not taken for those that begin with it."""
    header = (
        b"#Software: Server 7.2\n#Fields: date time s-ip cs-method cs-uri-stem sc-status " + b"c-field " * 40 + b"\n"
    )
    log = Log(tmp_path)
    log.write_raw(header)
    reader = follow(log)
    log.rotate()
    log.write(5)
    reader.settle()
    for _ in range(3):
        log.rotate()
        log.write_raw(header)
        log.write(20)
    log.compress(1)
    reader.settle()
    assert reader.lines.count(header[:-1].split(b"\n")[1]) == 4
    assert [line for line in reader.lines if line.startswith(b"line")] == log.written


def test_an_empty_file_that_was_copied_cut_and_renamed(tmp_path):
    """What an empty file got between two looks is read from its copy, also where the file itself was renamed since."""
    log = Log(tmp_path)
    log.write_raw(b"")
    reader = follow(log)
    log.write(20)
    log.copytruncate()
    log.write(10)
    log.rotate()
    log.write(10)
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds) == (log.written, False)


def test_older_parts_are_not_read(tmp_path):
    """Parts that lay there before the first look are not read."""
    log = Log(tmp_path)
    log.write(20)
    log.rotate()
    log.write(20)
    log.rotate()
    log.write(20)
    reader = follow(log)
    log.rotate()
    log.write(20)
    reader.settle()
    assert reader.lines == log.written[40:]


def test_too_many_parts_between(tmp_path):
    """More parts between two looks than are read are told."""
    log = Log(tmp_path)
    log.write(2)
    reader = follow(log)
    for _ in range(40):
        log.rotate()
        log.write(2)
    reader.settle()
    assert [event for event in reader.events if isinstance(event, Lost)] == [
        Lost(0, "7 rotated parts came and went between two looks; they are not read")
    ]
    assert reader.lines == log.written[:2] + log.written[2 + 14 :]


def test_close_gives_handles_back(tmp_path):
    """A closed follower holds nothing."""
    before = len(os.listdir("/proc/self/fd"))
    log = Log(tmp_path)
    log.write(5)
    reader = follow(log)
    log.rotate()
    log.write(5)
    reader.poll()
    reader.follower.close()
    log.forget()
    assert len(os.listdir("/proc/self/fd")) == before


def act(rng, log, reader, weights):
    """One random action. Nothing that was never looked at is deleted: nobody could read that."""
    kind = rng.choices(list(weights), list(weights.values()))[0]
    exists = os.path.exists(log.path)
    if kind == "write":
        log.write(rng.randrange(1, 30), rng.randrange(5, 60))
    elif kind == "half":
        line = b"line %06d half" % len(log.written)
        log.write_raw(line[:12])
        if rng.random() < 0.5:
            reader.poll()
        log.write_raw(line[12:] + b"\n")
        log.written.append(line)
    elif kind == "poll":
        reader.poll()
    elif kind == "pause":
        reader.pause(rng.choice([0.3, 2.0, 6.0]))
    elif kind == "compress" and os.path.exists(log.path + ".1"):
        log.compress(1)
    elif kind == "keep" and exists and log.writes_behind_path():
        log.rotate_keeping_descriptor()
        reader.poll()
        log.write(3)
        log.forget()
    elif kind == "cut" and exists:
        os.truncate(log.path, rng.randrange(os.stat(log.path).st_size + 1))
    elif kind == "delete" and exists:
        reader.poll()
        log.delete()
    elif kind in ("rotate", "copytruncate", "truncate") and exists:
        getattr(log, kind)()


USUAL = {"write": 30, "half": 5, "poll": 20, "pause": 8, "compress": 5}


def run(tmp_path, seed, weights, **options):
    rng = random.Random(seed)
    log = Log(tmp_path)
    reader = Reader(log, **options)
    log.write(1)
    reader.poll()
    for _ in range(60):
        act(rng, log, reader, weights)
    reader.settle()
    return log, reader


@pytest.mark.parametrize("seed", range(25))
def test_random_renames(tmp_path, seed):
    """Any order of writes, renames, compressions, deletions and pauses: each line exactly once."""
    log, reader = run(tmp_path, seed, {**USUAL, "rotate": 8, "keep": 4, "delete": 3})
    assert sorted(reader.lines) == sorted(log.written)
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("seed", range(25))
def test_random_renames_without_a_handle(tmp_path, seed):
    """The same without deletions, when the file is found again by its bytes at each look."""
    log, reader = run(tmp_path, seed, {**USUAL, "rotate": 8}, hold_open=False)
    assert sorted(reader.lines) == sorted(log.written)


@pytest.mark.parametrize("seed", range(25))
def test_random_copies(tmp_path, seed, hold_open):
    """Any order of writes, copies that cut the file, compressions and pauses: each line exactly once."""
    log, reader = run(tmp_path, seed, {**USUAL, "copytruncate": 8}, hold_open=hold_open)
    assert sorted(reader.lines) == sorted(log.written)
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("seed", range(25))
def test_random_renames_and_copies(tmp_path, seed):
    """Both ways to rotate in any order, also of files of which hardly a byte was read: each line exactly once."""
    log, reader = run(tmp_path, seed, {**USUAL, "rotate": 5, "copytruncate": 5, "keep": 2})
    assert sorted(reader.lines) == sorted(log.written)
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("seed", range(25))
def test_random_truncations(tmp_path, seed):
    """With plain truncation lines may be lost, and it is told, but none is read twice."""
    log, reader = run(tmp_path, seed, {**USUAL, "truncate": 5, "cut": 5})
    assert len(reader.lines) == len(set(reader.lines))
    if len(reader.lines) < len(log.written):
        assert "Truncated" in reader.kinds


def test_clock_is_the_only_time(tmp_path):
    """Without time passing, an old file stays open."""
    log = Log(tmp_path)
    log.write(2)
    follower = Follower(log.path, Clock())
    follower.poll()
    log.rotate()
    log.write(2)
    for _ in range(5):
        follower.poll()
    assert len(follower._old) == 1


@pytest.mark.parametrize(("limit", "held"), [(1024, 666), (48, 16), (16, 0)])
def test_handles_are_shared_out(limit, held):
    """With few descriptors, few files keep their handle."""
    assert followers_held_open(limit) == held


def test_trouble_is_told_until_it_is_over(tmp_path):
    """Why nothing can be read now: missing, a folder in its place, gone; empty again once lines come."""
    path = tmp_path / "a.log"
    one = Follower(str(path), lambda: 0.0)
    told = []
    for change in (
        lambda: None,
        lambda: path.write_text("x\n"),
        path.unlink,
        path.mkdir,
        lambda: (path.rmdir(), path.write_text("y\n")),
    ):
        change()
        one.poll()
        told.append(one.trouble)
    one.close()
    assert told == ["no such file", "", "gone, a new one is waited for", "is a directory", ""]
