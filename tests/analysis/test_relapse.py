"""The same again: what set the first wave off comes once more, and what ended it is told between the two."""

import re

import numpy as np
import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

BEGIN = 1_772_460_000
BROKEN = ((600, 800), (1160, 1500))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A licence runs out, is replaced for six minutes, and runs out again."""
    folder = tmp_path_factory.mktemp("relapse")
    chance = np.random.default_rng(3)
    keys, scans, edge = [], [], []
    said = {580: "key expired feature=scan", 798: "spare key put in place for 360 s", 1158: "key expired feature=scan"}
    said[790] = "skipping report of clients: scan not available"
    for second in range(1500):
        stamp = f"{np.datetime64(BEGIN + second, 's')}Z"
        if second % 20 == 0 or second in said:
            keys.append(f"{stamp} INFO {said.get(second, 'heartbeat of 4 clients')}")
        is_broken = any(low <= second < high for low, high in BROKEN)
        for _ in range(chance.poisson(4)):
            scans.append(f"{stamp} {'ERROR no licence for this scan' if is_broken else 'INFO scanned'}")
            at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{at}] "POST /scan HTTP/1.1" {502 if is_broken else 201} 160 "-" "-"')
    for name, lines in (("keys", keys), ("scans", scans), ("edge", edge)):
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_what_set_it_off_again_stands_before_the_second_wave(snapshot):
    """The same line of the same log, two seconds before errors rise again."""
    assert snapshot.recovery.verdict.value == "second_wave"
    wave = snapshot.recovery.waves[-1]
    assert wave.set_off is not None
    assert wave.set_off.sample.endswith("INFO key expired feature=scan")
    assert wave.set_off.time == (BEGIN + 1158) * 1_000_000
    told = [entry.event for entry in snapshot.timeline if entry.is_key]
    assert told.index("key expired feature=scan", 1) < told.index(next(e for e in told if e.startswith("errors rise")))


def test_what_ended_the_first_wave_is_its_fix(snapshot):
    """A line that its log never held before, right before errors end; none is what was left undone."""
    assert snapshot.recovery.fix_text == "spare key put in place for 360 s"
    assert snapshot.recovery.fix_at == (BEGIN + 798) * 1_000_000


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    """Keys are refused for a minute and a half; as long after it is mended, the same server runs out of space."""
    folder = tmp_path_factory.mktemp("another")
    chance = np.random.default_rng(4)
    ledger, vault, edge = [], [], []
    for second in range(1100):
        stamp = f"{np.datetime64(BEGIN + second, 's')}Z"
        fault = "vault refused the key" if 600 <= second < 690 else "vault is full" if 790 <= second < 860 else ""
        for _ in range(chance.poisson(4)):
            ledger.append(f"{stamp} ERROR posting failed: {fault}" if fault else f"{stamp} INFO posted")
            vault.append(f"{stamp} {f'ERROR {fault}' if 'full' in fault else 'INFO asked for a key'}")
            at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{at}] "POST /postings HTTP/1.1" {502 if fault else 201} 160 "-" "-"')
    (folder / "ledger.log").write_text("\n".join(ledger) + "\n")
    (folder / "vault.log").write_text("\n".join(vault) + "\n")
    (folder / "edge.log").write_text("\n".join(edge) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_a_wave_is_named_by_whom_others_quote(another):
    """As many lines of the ledger pass the vault's words on: the fault is the vault's."""
    fault = another.recovery.waves[-1].fault
    assert (fault.service, fault.headline) == ("vault", "vault is full")


def test_a_wave_of_another_cause_does_not_erase_the_first(another):
    """Both faults are part of it, each with its wave, whichever is taken for the cause."""
    texts = {group.headline for group in another.groups if group.role.value in ("cause", "symptom")}
    assert {"posting failed: vault refused the key", "posting failed: vault is full"} <= texts
    assert another.recovery.verdict.value == "second_wave"
    assert another.recovery.waves[0].start == pytest.approx((BEGIN + 600) * 1_000_000, abs=2_000_000)


def test_users_are_told_for_each_wave(snapshot):
    """The calm minutes between two waves belong to neither: all fail in both, and the share over both says so."""
    first, second = (wave for wave in snapshot.recovery.waves if wave.kind in ("incident", "second_wave"))
    assert first.failed_share == second.failed_share == 1
    assert snapshot.incident.success_rate.during < 0.01
    users = snapshot.sentences[3].text
    assert re.search(r"-> 0 % \d\d:10:00-\d\d:13:20, 0 % since \d\d:19:20;", users), users


def test_a_wave_counts_each_failure_once(snapshot):
    """A service and the edge tell of the same scans: one count of them, and how many users asked for."""
    wave = snapshot.recovery.waves[-1]
    assert wave.count == wave.failed == wave.asked
    (told,) = [entry.event for entry in snapshot.timeline if entry.event.startswith("errors rise again")]
    assert told.endswith(f"; {wave.failed:,} of {wave.asked:,} requests fail")


def test_the_state_says_of_which_time_its_counts_are(snapshot):
    """Of an incident of minutes the last one is counted."""
    assert re.search(r"POST /scan 0 of \d+ ok in the last minute", snapshot.sentences[0].text)


def released_again(folder, seconds):
    """A release breaks quotes for two minutes, is taken back for two, and is made again `seconds` before the end."""
    chance = np.random.default_rng(6)
    quotes, edge, ships = [], [], []
    broken = ((600, 720), (840, 840 + seconds))
    for second in range(840 + seconds):
        stamp = f"{np.datetime64(BEGIN + second, 's')}Z"
        is_broken = any(low <= second < high for low, high in broken)
        for _ in range(chance.poisson(5)):
            quotes.append(f"{stamp} {'ERROR quote failed: no table 88' if is_broken else 'INFO quoted'}")
            at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{at}] "POST /quotes HTTP/1.1" {500 if is_broken else 201} 160 "-" "-"')
    for second, run, build in (
        (300, 70, "claims 4"),
        (600, 71, "quotes 9"),
        (720, 72, "quotes 8"),
        (840, 73, "quotes 9"),
    ):
        ships.append(f"{np.datetime64(BEGIN + second, 's')}Z INFO deploy #{run} started, version {build}")
    for name, lines in (("quotes", quotes), ("edge", edge), ("shipper", ships)):
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_a_release_right_before_it_tells_a_second_wave_within_the_minute(tmp_path):
    """Nobody comes back at once: it was over for two minutes, and what broke it was released once more."""
    snapshot = released_again(tmp_path, 40)
    assert snapshot.recovery.verdict.value == "second_wave"
    # The run that stands right before it, not the one before the first wave.
    assert "#73" in snapshot.recovery.waves[-1].set_off.text


def test_what_was_done_again_is_undone_and_its_cure_is_not_called_vain(tmp_path):
    """The last release is the one in force; going back ended the first wave."""
    (undo, *_) = released_again(tmp_path, 40).actions.do
    assert undo.text == ("Undo what set it off: shipper: deploy #73 started, version quotes 9 (shipper.log:4)")


def test_a_restart_alone_is_waited_for(tmp_path):
    """Of the first seconds behind a release nobody knows whether they are more than its restart."""
    assert released_again(tmp_path, 20).recovery.verdict.value == "too_early"
