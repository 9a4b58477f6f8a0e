"""Records that are kept until all are known are those that were read."""

import gzip

import pytest

from logscope.runner import examining
from logscope.runner.examining import examine
from logscope.runner.kept_records import KeptRecords, take_rows
from logscope.runner.planning import looks_like_log, make_plans
from logscope.sources.discovery import discover

HEADS = [f"2026-03-02 14:{n // 60:02d}:{n % 60:02d}.{n:03d}" for n in range(600)]
LINES = [f"{head} INFO cart - order {n * 7919} stored for user{n % 7}" for n, head in enumerate(HEADS)]
TRACES = [f"{line}\n\tat shop.Cart.add(Cart.java:{n})" if n % 50 == 3 else line for n, line in enumerate(LINES)]
OBJECTS = [f'{{"time":"{head}","level":"info","msg":"order {n} stored"}}' for n, head in enumerate(HEADS)]
QUOTED = [line + (r" for \"gold\"" if n % 9 == 0 else "") for n, line in enumerate(LINES)]
WRAPPED = [
    f'{{"log":"{line}\\n","stream":"stdout","time":"2026-03-02T14:00:00.{n:09d}Z"}}' for n, line in enumerate(QUOTED)
]
KINDS = {
    "text": "\n".join(["begun by hand", *TRACES]),
    "returns": "\r\n".join(TRACES).replace("\n\t", "\r\n\t"),
    "objects": "\n".join(OBJECTS),
    "wrapped": "\n".join(WRAPPED),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(examining, "_BLOCK", 10_000)


def keep(path, most=1 << 20):
    """What is kept of a file, and what was read of it."""
    (plan,), _ = make_plans(discover([str(path)], looks_like_log, siblings=False).sources, {})
    kept, told = KeptRecords(plan, most), []
    for piece in examine(plan, []):
        kept.add(piece)
        told += tell(take_rows(piece))
    return kept, told


def tell(rows):
    """What each record says."""
    columns = [column.tolist() for column in (rows.part, rows.line, rows.time, rows.severity)]
    kinds = [rows.signatures[n].template for n in rows.signature.tolist()]
    messages = [None if rows.messages is None else rows.messages.text(n) for n in range(len(rows.texts))]
    return list(zip(*columns, kinds, rows.texts, messages, strict=True))


def read_again(kept):
    problems = []
    return [one for rows in kept.read_again(problems) for one in tell(rows)], [one.kind for one in problems]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_is_read_again_is_what_was_read(tmp_path, kind, suffix):
    """Places, times, levels, kinds, texts and messages are the same, whatever a file's lines look like."""
    path = tmp_path / f"cart.log{suffix}"
    path.write_bytes(gzip.compress(KINDS[kind].encode()) if suffix else KINDS[kind].encode())
    kept, told = keep(path)
    assert read_again(kept) == (told, [])
    assert len(told) == 600 + (kind == "text")


def test_a_record_needs_few_bytes(tmp_path):
    """Twenty bytes a record are enough where lines follow one another as usual; of too many none is kept."""
    path = tmp_path / "cart.log"
    path.write_text("\n".join(LINES))
    kept, told = keep(path)
    assert sum(one.count_bytes() for one in kept._kept) < 20 * len(told)
    assert not keep(path, most=30_000)[0].is_whole


def test_a_file_that_grows_is_told_as_it_was(tmp_path):
    """What is written behind the end meanwhile is left out."""
    path = tmp_path / "cart.log"
    path.write_text("\n".join(LINES))
    kept, told = keep(path)
    with path.open("a") as file:
        file.write("\n" + "\n".join(LINES))
    assert read_again(kept) == (told, [])


def test_a_file_that_changes_is_read_anew_from_there_on(tmp_path):
    """Records before the change are told as they were, behind it what the file holds now, and that is said."""
    path = tmp_path / "cart.log"
    path.write_text("\n".join(LINES))
    kept, told = keep(path)
    changed = [line.replace("stored", "denied") if n > 300 else line for n, line in enumerate(LINES)]
    path.write_text("\n".join(changed))
    rows, problems = read_again(kept)
    assert problems == ["changed"]
    assert rows[:200] == told[:200]
    assert [text.decode() for *_, text, _ in rows[-280:]] == changed[-280:]
    assert [line for _, line, *_ in rows[-280:]] == list(range(321, 601))


def test_of_a_file_that_is_emptied_nothing_is_told_but_that(tmp_path):
    """What was read of its first bytes can be read no more, and that is said."""
    path = tmp_path / "cart.log"
    path.write_text("\n".join(LINES))
    kept, _ = keep(path)
    path.write_text("")
    assert read_again(kept) == ([], ["changed"])
