"""Two processes give what one gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.runner import batch, parallel
from logscope.runner.batch import BatchReading, start_session
from logscope.runner.parallel import share
from logscope.runner.request import Request, open_request


@pytest.fixture
def files(tmp_path):
    """Three logs of different sizes, with traces and repeated errors."""
    paths = []
    for number in range(3):
        lines = []
        for n in range(200 * (number + 1)):
            level = "ERROR" if n % 7 == number else "INFO"
            lines.append(f"2026-03-02 14:02:{n % 60:02d},{n % 1000:03d} {level} [main] c.s.Cart - cannot read cart {n}")
            if n % 21 == number:
                lines.append("java.lang.IllegalStateException: x\n\tat com.shop.Cart.read(Cart.java:7)")
        path = tmp_path / f"service{number}.log"
        path.write_text("\n".join(lines) + "\n")
        paths.append(str(path))
    return paths


def read(paths):
    request = Request(paths)
    opened = open_request(request)
    session = start_session(request, opened)
    BatchReading(session, request, opened).read_all()
    return session.index


@pytest.fixture
def two_processes(monkeypatch):
    """A second process for any size, on any number of cores."""
    monkeypatch.setattr(batch, "LEAST_BYTES", 0)
    monkeypatch.setattr(batch, "EXAMINE_ALL", 0)
    monkeypatch.setattr(batch, "can_fork", lambda: True)


def test_two_processes_give_the_same_index(files, monkeypatch, two_processes):
    """Whoever reads which file, the index is that of reading all in one process."""
    found = read(files)
    monkeypatch.setattr(batch, "can_fork", lambda: False)
    assert read(files).digest() == found.digest()


def test_what_a_dead_process_should_have_read_is_read(files, monkeypatch, two_processes):
    """When the second process dies, the first reads its files."""
    monkeypatch.setattr(parallel.pickle, "dump", lambda *_, **__: 1 / 0)
    found = read(files)
    monkeypatch.setattr(batch, "can_fork", lambda: False)
    assert read(files).digest() == found.digest()


@given(sizes=st.lists(st.integers(0, 1000), max_size=12))
def test_shares_differ_by_one_source_at_most(sizes):
    """Neither process gets more than the other but for its smallest source."""
    chosen = share(sizes)
    others = [size for n, size in enumerate(sizes) if n in chosen]
    mine = [size for n, size in enumerate(sizes) if n not in chosen]
    assert len(chosen) == len(set(chosen))
    assert abs(sum(mine) - sum(others)) <= max(sizes, default=0)
