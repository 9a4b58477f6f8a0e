"""Notes and muted kinds survive the end of the program, for the same logs only, and nobody else reads them."""

import os
import stat

import pytest

from logscope.model.snapshot import Note
from logscope.state.notes import Memory, Remembered

SAID = Remembered((Note(5, "freed \x1b[2J keys", is_fix=True), Note(3, "pager")), frozenset({("cart", "x <num>")}))


def test_what_was_said_is_found_again_for_the_same_logs_in_any_order(tmp_path):
    """A second run on the same files knows the notes; another set of files does not."""
    Memory(tmp_path, ["/var/log/a.log", "/var/log/b.log"]).save(SAID)
    assert Memory(tmp_path, ["/var/log/b.log", "/var/log/a.log"]).load() == SAID
    assert Memory(tmp_path, ["/var/log/a.log"]).load() == Remembered()


def test_only_the_owner_reads_it(tmp_path):
    """Folder 0700, file 0600, whatever the umask."""
    before = os.umask(0)
    try:
        Memory(tmp_path / "state", ["a"]).save(SAID)
    finally:
        os.umask(before)
    (path,) = (tmp_path / "state" / "incidents").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content", ["", "[", "{}", '{"version": 99}', '{"version": 1, "notes": 3, "muted": []}', "[" * 9999]
)
def test_a_damaged_file_is_told_and_kept(tmp_path, content):
    """It is never an exception, and saving anew does not destroy it."""
    memory = Memory(tmp_path, ["a"])
    memory.save(SAID)
    (path,) = (tmp_path / "incidents").iterdir()
    path.write_text(content)
    again = Memory(tmp_path, ["a"])
    assert again.load() == Remembered()
    assert "cannot be read" in again.problem
    again.save(SAID)
    assert Memory(tmp_path, ["a"]).load() == SAID
    assert path.with_suffix(".unreadable").read_text() == content
