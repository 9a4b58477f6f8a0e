"""Logs that were not named."""

import os

from logscope.sources.nearby import find_nearby, find_recent

DAY_NS = 86_400 * 10**9


def put(folder, **ages):
    """Files by name (`_` for a dot) and how many days ago they were written."""
    for name, days in ages.items():
        path = folder / name.replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, ns=(0, 1000 * DAY_NS - days * DAY_NS))


def names(files):
    return [os.path.basename(file.path) for file in files]


def since(days):
    return (1000 - days) * DAY_NS // 1000


def test_nearby(tmp_path):
    """Changed logs beside the named one, then those in other folders; no empty one, no part of the named one."""
    app, other = tmp_path / "app", tmp_path / "other"
    put(app, checkout_log=0, checkout_log_1=1, redis_log=2, old_log=9, notes_md=0, data_bin=0)
    put(other, syslog=1, wtmp=0)
    (other / "empty.log").touch()
    found = find_nearby([str(app / "checkout.log")], since(5), [str(other)])
    assert names(found) == ["redis.log", "syslog"]


def test_most(tmp_path):
    """The newest so many are given."""
    put(tmp_path, a_log=1, b_log=2, c_log=3)
    assert names(find_nearby([], since(5), [str(tmp_path)], most=2)) == ["a.log", "b.log"]


def test_recent(tmp_path):
    """To pick from: the newest part of each log that is not empty, down to three levels."""
    put(tmp_path, x_log=1, x_log_1=2, y_jsonl=0)
    put(tmp_path / "1" / "2" / "3", deep_log=4)
    put(tmp_path / "1" / "2" / "3" / "4", deeper_log=0)
    (tmp_path / "empty.log").touch()
    assert names(find_recent([str(tmp_path)])) == ["y.jsonl", "x.log", "deep.log"]


def test_strange_folders(tmp_path):
    """Missing folders, loops, pipes and dangling links are passed over; a file is given once."""
    put(tmp_path, x_log=1)
    os.symlink(tmp_path, tmp_path / "loop")
    os.symlink(tmp_path / "x.log", tmp_path / "link.log")
    os.symlink(tmp_path / "gone", tmp_path / "dangling.log")
    os.mkfifo(tmp_path / "pipe.log")
    assert len(find_recent([str(tmp_path / "missing"), str(tmp_path), str(tmp_path)])) == 1


def test_bounded(tmp_path, monkeypatch):
    """No more entries are looked at than allowed."""
    monkeypatch.setattr("logscope.sources.nearby._MOST_ENTRIES", 5)
    for number in range(20):
        (tmp_path / f"{number:02}.log").write_bytes(b"x")
    assert len(find_recent([str(tmp_path)])) == 5


def test_code_and_settings_are_no_logs(tmp_path):
    """A word such as `error` in the name of a program, a table or a setting makes it no log; a host's does not."""
    logs = ["error_log", "access.2026-11-23.gz", "messages", "audit.host7", "app.log.py2", "syslog.1"]
    others = ["error.py", "audit.tsv", "access.conf", "log.sh", "messages.yml", "stdout.lsx"]
    for name in [*logs, *others]:
        (tmp_path / name).write_text("x\n")
    assert sorted(os.path.basename(file.path) for file in find_recent([str(tmp_path)])) == sorted(logs)
