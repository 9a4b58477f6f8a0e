"""Each line once, whatever is done to a log in whatever order."""

import os
import random

import pytest

from tests.sources.live import Log, Reader

USUAL = {"write": 30, "half": 5, "poll": 20, "pause": 8, "compress": 5}


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
