"""A report is written whole or not at all, for its owner only, and never over a log."""

import os
import shutil
import stat
from collections import namedtuple

import pytest

from logscope.errors import ExportError
from logscope.report.files import free_name, write_report

Usage = namedtuple("Usage", "total used free")


def test_it_is_written_for_its_owner(tmp_path):
    """The file holds the text, with mode 0600 whatever the umask, and nothing is left beside it."""
    path = tmp_path / "r.md"
    before = os.umask(0)
    try:
        write_report(str(path), "héllo \ud800", [], replace=True)
    finally:
        os.umask(before)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("héllo \\ud800", 0o600)
    assert os.listdir(tmp_path) == ["r.md"]


def test_names_are_numbered(tmp_path):
    """Without replacing, the next free name is taken; a dangling link counts as taken."""
    path = tmp_path / "r.md"
    path.write_text("old")
    (tmp_path / "r-2.md").symlink_to(tmp_path / "nowhere")
    assert write_report(str(path), "new", [], replace=False) == str(tmp_path / "r-3.md")
    assert (path.read_text(), (tmp_path / "r-3.md").read_text()) == ("old", "new")
    assert free_name(str(tmp_path / "free.md")) == str(tmp_path / "free.md")


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_log_is_never_written_over(tmp_path, link):
    """By whatever name the target is an input, it is refused and unchanged."""
    log = tmp_path / "a.log"
    log.write_text("line\n")
    link(log, tmp_path / "other.md")
    for name in ("a.log", "other.md"):
        with pytest.raises(ExportError, match="one of the logs"):
            write_report(str(tmp_path / name), "x", [str(log)], replace=True)
    assert log.read_text() == "line\n"


def test_what_is_no_file_is_refused(tmp_path):
    """Folders, pipes and missing folders cost one sentence each."""
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("pipe", "no regular file"), (".", "no regular file"), ("no/r.md", "no such folder")):
        with pytest.raises(ExportError, match=said):
            write_report(str(tmp_path / name), "x", [], replace=True)


def test_a_full_volume_is_left_alone(tmp_path, monkeypatch):
    """Free space is looked at first: the old report stays and no temporary file is made."""
    path = tmp_path / "r.md"
    path.write_text("old")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 0))
    with pytest.raises(ExportError, match="no space"):
        write_report(str(path), "new", [], replace=True)
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["r.md"])


def test_a_failure_in_the_middle_leaves_the_old(tmp_path, monkeypatch):
    """When the disk fails, the old report stays and the temporary file is gone."""

    def fail(_):
        raise OSError(5, "Input/output error")

    path = tmp_path / "r.md"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ExportError, match="input/output error"):
        write_report(str(path), "new", [], replace=True)
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["r.md"])


def test_room_for_the_report_itself_is_needed(tmp_path, monkeypatch):
    """What is left must hold the report and a spare; a report that would fill the volume is not begun."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**30, 0, 2**20 + 100))
    write_report(str(tmp_path / "small.md"), "x" * 100, [], replace=True)
    with pytest.raises(ExportError, match="no space is left there"):
        write_report(str(tmp_path / "large.md"), "x" * 101, [], replace=True)
