"""Results that lines of every day tell as numbers, ids that are no states, and what is told anew in one breath."""

from tests.analysis.small_incidents import Writer, iso
from tests.judged import judge

BREAKS, END = 600, 900


def _write(folder, since):
    """A shop whose users are not known; the directory answers each search at the level of information."""
    folder.mkdir(exist_ok=True)
    w = Writer(folder, 4)
    for s in w.often(0, END, 2):
        bad = s > BREAKS
        w.add("shop.log", s, f"{iso(s)} {'ERROR user not known' if bad else 'INFO user known'} rid={w.id()}")
        err = since if bad and w.chance.random() < 0.5 else 0
        conn = 1000 + int(s)
        w.add("directory.log", s, f"{iso(s)} INFO conn={conn} opened from 10.0.0.{w.number(1, 9)}")
        w.add("directory.log", s, f"{iso(s)} INFO conn={conn} op=1 search done err={err} entries={w.number(1, 300)}")
    for s in (40, 41, 595, 596):
        w.add("directory.log", s, f"{iso(s)} INFO conn={1000 if s < 50 else 1590} monitor looked")
    w.write()
    return judge(folder)


def test_a_result_that_was_never_told_before_is_evidence(tmp_path):
    """`err=4` in half the answers since it began: no word says that it is bad, and nothing of it is claimed."""
    top = _write(tmp_path / "a", since=4).candidates[0]
    (told,) = [one for one in top.evidence if " is 4 in " in one.text]
    assert told.text.startswith("directory: err is 4 in ")
    assert "0 is usual" in told.text
    assert "err=4" in (tmp_path / "a" / "directory.log").read_text().splitlines()[told.lines[0].line - 1]


def test_a_result_as_ever_is_none(tmp_path):
    """Nothing but zeros."""
    top = _write(tmp_path / "b", since=0).candidates[0]
    assert not any("such lines" in one.text for one in top.evidence)


def test_the_number_of_a_session_is_no_state(tmp_path):
    """A rare line tells of sessions 1000 and 1590; in other lines of the log each session has another number."""
    assert not any(one.name == "conn" for one in _write(tmp_path / "c", since=0).numbers)


def test_what_a_start_tells_anew_is_told_together(tmp_path):
    """Of the lines that a new release writes as it starts another one than the first may tell what is wrong."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, END, 3):
        bad = s > BREAKS + 5
        w.add("edge.log", s, f"{iso(s)} {'ERROR item not shown: deadline exceeded' if bad else 'INFO item shown'}")
        w.add("catalog.log", s, f"{iso(s)} INFO item read")
    for n, said in enumerate(("profiling is off", "extra latency on (3s)", "items parsed")):
        w.add("catalog.log", BREAKS + n * 0.01, f"{iso(BREAKS + n * 0.01)} INFO {said}")
    w.write()
    top = judge(tmp_path).candidates[0]
    (novel,) = [one for one in top.evidence if one.kind == "novel"]
    assert '"extra latency on (3s)"' in novel.text
    assert len(novel.lines) == 3
