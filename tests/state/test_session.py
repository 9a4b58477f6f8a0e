"""What a saved incident was judged from comes back: it is judged anew as if its logs were read, and read on."""

import dataclasses
import os
import random
import shutil
import threading

import numpy as np
import pytest

from logscope.cli.main import main
from logscope.errors import SourceError
from logscope.index.kept import KeptError, KeptIndex
from logscope.model.snapshot import Note
from logscope.runner.batch import judge_batch
from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request
from logscope.runner.resuming import judge_again, open_resumed, resume
from logscope.samples import find_sample
from logscope.state.incident import Saved, load_incident, pack, save_incident, unpack
from logscope.state.session import KeptPlan, restore_session
from tests.effort import often

US = 1_000_000


def read(*paths, **options):
    request = Request([str(path) for path in paths], **options)
    snapshot, reading = judge_batch(request, open_request(request))
    return Saved(snapshot, reading.keep())


def reopen(saved):
    return unpack(pack(saved), "x.lsx")


def digests(saved):
    session = restore_session(saved.session)
    return session.index.digest(), session.window.digest()


def read_on(saved):
    """The saved incident after its logs were read on to their end."""
    resumed, found = resume(saved, "x.lsx"), []
    loop = LiveLoop(
        Request([]), open_resumed(resumed), lambda s: found.append(Saved(s, loop.keep_now())), once=True,
        resumed=resumed,
    )  # fmt: skip
    loop.run()
    return found[-1]


def count(saved):
    """Lines, bytes, records, errors and warnings of each log, over all its parts."""
    sums = {}
    for f in saved.snapshot.files:
        row = np.array([f.lines, f.bytes, f.records, f.errors, f.warnings])
        sums[f.service] = sums.get(f.service, 0) + row
    return {service: row.tolist() for service, row in sums.items()}


@pytest.fixture(scope="module")
def leak():
    return read(find_sample("recommender-memory-leak") / "logs")


def write_log(path, records=600):
    """A log with traces, kinds that change and a cut last line."""
    chance = random.Random(5)
    lines = []
    for n in range(records):
        stamp = f"2026-03-02 14:{n // 60 % 60:02d}:{n % 60:02d},{chance.randrange(1000):03d}"
        if chance.random() < 0.2:
            lines.append(
                f"{stamp} ERROR [web] order {n} failed: limit {chance.choice('abc')} reached rid=4f3a9c{n:04x}"
            )
            lines += ["\tat shop.Cart.total(Cart.java:42)", "\tat shop.Web.get(Web.java:7)"] * (n % 3)
        else:
            lines.append(f"{stamp} INFO [web] served {n} took={chance.randrange(90)} ms")
    path.write_text("\n".join(lines) + "\n")
    return path


def cut_at_head(text, share):
    """Two pieces; the second one begins with a record."""
    at = text.index("\n2026-", int(len(text) * share)) + 1
    return text[:at], text[at:]


def test_it_is_judged_anew_as_it_was(leak):
    """The same answer comes out of what was kept, without any log."""
    back = reopen(leak)
    assert judge_again(back, resume(back, "x.lsx")) == leak.snapshot
    assert digests(back) == digests(leak)


def test_a_fix_is_judged_as_if_the_logs_were_read(leak):
    """`--fix-at` on a saved incident gives what it gives on the logs."""
    at = leak.snapshot.incident.start + 300 * US
    fix = Note(at, "fix applied", is_fix=True)
    again = judge_again(leak, resume(reopen(leak), "x.lsx"), [fix])
    assert again == read(find_sample("recommender-memory-leak") / "logs", notes=(fix,)).snapshot
    assert again.recovery.fix_at // US == at // US != leak.snapshot.recovery.fix_at // US


def test_a_baseline_is_taken_by_a_saved_incident(tmp_path, capsys):
    """`--baseline` on a saved incident gives what it gives on the logs."""
    log, normal, saved = write_log(tmp_path / "web.log"), tmp_path / "normal" / "web.log", str(tmp_path / "x.lsx")
    normal.parent.mkdir()
    normal.write_text(log.read_text().replace("2026-03-02", "2026-03-01").replace("ERROR", "INFO"))
    documents = []
    for words in (
        ["--save", saved, str(log)],
        ["--baseline", str(normal), str(log)],
        ["--baseline", str(normal), saved],
    ):
        assert main(["analyze", "--json", *words]) == 0
        documents.append(capsys.readouterr().out)
    assert documents[0] != documents[1] == documents[2]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.61, 0.97])
def test_reading_on_gives_what_reading_at_once_gives(tmp_path, share):
    """Saved anywhere between two records and read on, the index is the one of the whole file."""
    path = write_log(tmp_path / "web.log")
    whole = read(path)
    first, rest = cut_at_head(path.read_text(), share)
    path.write_text(first)
    saved = reopen(read(path))
    with path.open("a") as file:
        file.write(rest)
    assert digests(read_on(saved)) == digests(whole)


@pytest.mark.parametrize("seed", range(6))
def test_any_cut_counts_each_line_and_record_once(tmp_path, seed):
    """Saved inside a line or a trace, rotated or not, and read on: no line and no record is lost or counted twice."""
    chance = random.Random(seed)
    path = write_log(tmp_path / "web.log", 200)
    text, whole = path.read_text(), count(read(path))
    at = chance.randrange(300, len(text))
    path.write_text(text[:at])
    saved = reopen(read(path))
    with path.open("a") as file:
        end = text.index("\n", chance.randrange(at - 1, len(text) - 1)) + 1
        file.write(text[at : max(at, end)])
    if seed % 2:
        os.rename(path, tmp_path / "web.log.1")
    with path.open("a") as file:
        file.write(text[max(at, end) :])
    (lines, size, records, *_), (all_lines, all_size, all_records, *_) = count(read_on(saved))["web"], whole["web"]
    assert (lines, size) == (all_lines, all_size)
    # A head that was cut in its middle may not have been one.
    assert all_records - 1 <= records <= all_records


def test_saving_and_reading_on_again_and_again(tmp_path):
    """What was read on is saved whole, too: in ten pieces, with a rotation between, the counts are those of one."""
    path = write_log(tmp_path / "web.log")
    text, whole = path.read_text(), count(read(path))
    first, rest = cut_at_head(text, 0.1)
    path.write_text(first)
    saved = reopen(read(path))
    for number in range(9):
        piece, rest = cut_at_head(rest, 0.1) if number < 8 else (rest, "")
        if number == 4:
            shutil.move(path, tmp_path / "web.log.1")
        with path.open("a") as file:
            file.write(piece)
        saved = reopen(read_on(saved))
    assert count(saved) == whole


def test_what_was_rotated_away_is_told(tmp_path):
    """Where the end of what was read is nowhere to be found, the log says that lines are missing."""
    path = write_log(tmp_path / "web.log", 100)
    text = path.read_text()
    path.write_text(text[:4000])
    saved = reopen(read(path))
    path.rename(tmp_path / "elsewhere")
    path.write_text(text[6000:].partition("\n")[2])
    problems = [p.kind for f in read_on(saved).snapshot.files for p in f.problems]
    assert "lost" in problems


def test_nothing_is_quoted_from_another_file(tmp_path):
    """A place in a file that was rotated away is not looked up in the one that took its name."""
    path = write_log(tmp_path / "web.log", 300)
    saved = reopen(read(path))
    path.unlink()
    path.write_text("secret of another file\n" * 4000)
    kept = dataclasses.replace(saved.session, texts=())
    again = read_on(Saved(saved.snapshot, kept))
    assert not any("secret" in e.sample and "ERROR" not in e.sample for e in again.snapshot.timeline if e.line)


def test_a_live_session_is_kept_and_goes_on(tmp_path):
    """Saving in the middle of a live reading changes nothing of it, and what was saved reads on to the same counts."""
    path = write_log(tmp_path / "web.log")
    text = path.read_text()
    first, rest = cut_at_head(text, 0.5)
    path.write_text(first)
    request, kept, seen = Request([str(path)]), [], []

    def take(snapshot):
        seen.append(snapshot)
        if not kept:
            kept.append(Saved(snapshot, loop.keep_now()))
            with path.open("a") as file:
                file.write(rest)
        elif snapshot.files[0].lines >= text.count("\n"):
            # What comes before may still tell of the first half: on a busy machine it is judged twice.
            loop.stop()

    loop = LiveLoop(request, open_request(request), take, wall=lambda: 1_772_460_000.0)
    patience = threading.Timer(60, loop.stop)
    patience.start()
    loop.run()
    patience.cancel()
    whole = count(read(path))
    assert count(Saved(seen[-1]))["web"][0] == whole["web"][0]
    assert count(read_on(reopen(kept[0]))) == whole


def test_folded_kinds_stay_folded(tmp_path):
    """A storm of kinds is as bounded after it was kept as before, and goes on to fold the same."""
    path = tmp_path / "storm.log"
    words = ["".join(random.Random(n).choices("abcdefghij", k=9)) for n in range(1500)]
    rows = [
        f"2026-03-02 14:00:{n % 60:02d} ERROR alpha beta {word} {words[-n]} failed\n" for n, word in enumerate(words)
    ]
    path.write_text("".join(rows))
    whole = read(path)
    path.write_text("".join(rows[:900]))
    saved = reopen(read(path))
    with path.open("a") as file:
        file.write("".join(rows[900:]))
    assert digests(read_on(saved)) == digests(whole)
    assert any("folded" in p.kind for f in whole.snapshot.files for p in f.problems) or len(whole.snapshot.groups) < 600


EXTREMES = (-(2**63), -1, 1, 2**31, 2**53, 2**62, 2**63 - 1)


@pytest.mark.parametrize("seed", range(often(20)))
def test_no_number_in_a_file_breaks_anything(leak, seed):
    """Any cell of any table may be any number: the incident is judged anew, or refused with a sentence."""
    chance = random.Random(seed)
    session = leak.session
    name = chance.choice(["index", "window"])
    index = getattr(session, name)
    spots = [(index, f.name) for f in dataclasses.fields(KeptIndex) if isinstance(getattr(index, f.name), np.ndarray)]
    for part in (index.journeys, index.samples, *index.sources):
        spots += [(part, f.name) for f in dataclasses.fields(part) if isinstance(getattr(part, f.name), np.ndarray)]
    owner, field = chance.choice([(o, f) for o, f in spots if getattr(o, f).size])
    table = getattr(owner, field).copy()
    table.flat[chance.randrange(table.size)] = chance.choice(EXTREMES)
    fresh = dataclasses.replace(owner, **{field: table})
    changed = fresh if owner is index else _put(index, owner, fresh)
    hostile = Saved(leak.snapshot, dataclasses.replace(session, **{name: changed}))
    refusal = "x.lsx: cannot be judged anew"
    try:
        judge_again(hostile, resume(hostile, "x.lsx"))
    except SourceError as error:
        refusal = str(error)
    assert refusal.startswith("x.lsx: cannot be judged anew")


def _put(index, old, fresh):
    if old in index.sources:
        return dataclasses.replace(index, sources=tuple(fresh if one is old else one for one in index.sources))
    return dataclasses.replace(index, **{"journeys" if old is index.journeys else "samples": fresh})


def test_more_lines_than_a_layout_is_learned_from_are_refused(leak):
    """A file cannot make the learner work for hours."""
    plan = leak.session.plans[0]
    lesson = dataclasses.replace(plan.lesson, lines=b"x\n" * 5000)
    plans = (dataclasses.replace(plan, lesson=lesson), *leak.session.plans[1:])
    assert isinstance(plans[0], KeptPlan)
    with pytest.raises(KeptError, match="more lines"):
        restore_session(dataclasses.replace(leak.session, plans=plans))


def test_it_is_small(leak, tmp_path):
    """A saved incident takes less room than a fifth of its logs, read in less time than they are."""
    path = save_incident(str(tmp_path / "x.lsx"), leak, replace=False)
    assert os.path.getsize(path) < sum(f.bytes for f in leak.snapshot.files) / 5
    assert load_incident(path).snapshot == leak.snapshot
