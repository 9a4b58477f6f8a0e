"""Parts that were rotated away between two looks: which are read, and which were read before."""

import gzip
import os
import shutil

import pytest

from logscope.sources import rotated
from logscope.sources.events import Lost
from tests.sources.live import Log, follow


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


def test_a_part_that_is_being_compressed_is_read_once(tmp_path, hold_open):
    """Beside a part lies the half of its compressed copy: the part is read, the half is neither read nor told of."""
    log = Log(tmp_path)
    log.write(5)
    reader = follow(log, hold_open=hold_open)
    for _ in range(2):
        log.write(200)
        log.rotate()
    for number in (1, 2):
        content = (tmp_path / f"x.log.{number}").read_bytes()
        (tmp_path / f"x.log.{number}.gz").write_bytes(gzip.compress(content)[:400])
    log.write(5)
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds) == (log.written, False)


def test_a_rotation_in_the_middle_of_the_search(tmp_path, monkeypatch, hold_open):
    """What is renamed while the parts are looked at is looked at again: nothing is read twice, nothing left out."""
    log = Log(tmp_path)
    log.write(5)
    reader = follow(log, hold_open=hold_open)
    log.write(5)
    log.rotate()
    log.write(5)
    log.rotate()
    log.write(5)
    late = {"_judge": rotated._judge, "Plain": rotated.Plain}

    def rotate_first(name):
        def act(*words):
            if name in turns:
                turns.remove(name)
                log.write(5)
                log.rotate()
                log.write(5)
            return late[name](*words)

        return act

    turns = set(late)
    for name in late:
        monkeypatch.setattr(rotated, name, rotate_first(name))
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds, turns) == (log.written, False, set())


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


SCHEMES = {
    "app.log": "app__2026-03-02_14-00-0{}.log", "server.log": "server.log-20260302-177246000{}",
    "web.log": "web-20260302_00{}.log", "current": "@400000006b0a1a1b0000000{}.s",
}  # fmt: skip
"""How pm2, logrotate, Serilog and svlogd call the parts of a log."""


@pytest.mark.parametrize("is_copied", [False, True])
@pytest.mark.parametrize("name", SCHEMES)
def test_parts_are_known_by_the_names_that_rotators_give(tmp_path, name, is_copied, hold_open):
    """Three rotations between two looks: no line is missing, however the parts are called."""
    log = Log(tmp_path, name)
    log.write(10)
    reader = follow(log, hold_open=hold_open)
    for number in range(3):
        log.write(10)
        part = tmp_path / SCHEMES[name].format(number)
        if is_copied:
            shutil.copyfile(log.path, part)
            log.truncate()
        else:
            os.rename(log.path, part)
            log.forget()
    log.write(10)
    reader.settle()
    assert (reader.lines, "Lost" in reader.kinds) == (log.written, False)
