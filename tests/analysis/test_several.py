"""Two incidents in the same logs: each with its own cause, begin and verdict; a second wave stays a wave."""

import re

import numpy as np
import pytest

from logscope.analysis.story.attempts import find_attempts
from logscope.model.incident import EventKind
from logscope.model.snapshot import Note
from logscope.model.times import US
from logscope.report.console import render_console
from logscope.report.markdown import render_markdown
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.second_by_second import Playback

BEGIN = 1_772_460_000
FIRST, FIRST_END = BEGIN + 600, BEGIN + 720


def stamp(second):
    return f"{np.datetime64(int(second), 's')}Z"


class Town:
    """A shop before a database, and a newsletter before a mail relay; one gateway logs for both."""

    def __init__(self, folder, second, second_end, length=1800, *, is_seen=True):
        self.folder = folder
        chance = np.random.default_rng(5)
        gateway, shop, database, letters, relay = [], [], [], [], []
        for now in range(BEGIN, BEGIN + length):
            broken, refused = FIRST <= now < FIRST_END, second <= now < second_end
            if now == FIRST:
                database.append(f"{stamp(now)} ERROR could not extend file: no space left on device")
            if now == second:
                relay.append(f"{stamp(now)} ERROR out of memory: process killed")
            for _ in range(chance.poisson(2)):
                shop.append(f"{stamp(now)} {'ERROR basket not stored, database refused' if broken else 'INFO stored'}")
                gateway.append(f"{stamp(now)} {'ERROR shop answered 500' if broken else 'INFO basket ok'}")
            for _ in range(chance.poisson(2)):
                letters.append(f"{stamp(now)} {'ERROR letter kept, relay refused' if refused else 'INFO sent'}")
                gateway.append(
                    f"{stamp(now)} {'ERROR letters answered 500' if refused and is_seen else 'INFO letter ok'}"
                )
            if now % 10 == 0:
                database.append(f"{stamp(now)} INFO checkpoint complete")
                relay.append(f"{stamp(now)} INFO queue empty")
        names = ("gateway", "shop", "database", "letters", "relay")
        for name, lines in zip(names, (gateway, shop, database, letters, relay), strict=True):
            (folder / f"{name}.log").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    Town(folder, BEGIN + 1020, BEGIN + 1200)
    played = Playback(folder)
    return {second: played.look(BEGIN + second) for second in (900, 1100, 1700)}


def test_what_begins_after_the_end_is_an_incident_of_its_own(played):
    """While the second one goes on it comes first, with its own cause and begin; the first is told beside it, over."""
    snapshot = played[1100]
    assert snapshot.candidates[0].service == "relay"
    assert (snapshot.recovery.verdict.value, snapshot.incident.start // 1_000_000) == ("ongoing", BEGIN + 1020)
    (other,) = snapshot.further
    assert other.candidates[0].service == "database"
    assert (other.recovery.verdict.value, other.recovery.over) == ("recovered", True)


def test_what_ended_a_moment_ago_is_still_told_first(tmp_path):
    """Whether a short second one is over nobody can say yet: the end of the weightier first is no answer to it."""
    Town(tmp_path, BEGIN + 1020, BEGIN + 1060, 1090, is_seen=False)
    snapshot = Playback(tmp_path).look(BEGIN + 1080)
    assert snapshot.candidates[0].service == "relay"
    assert snapshot.recovery.verdict.value == "too_early"


def test_each_keeps_its_verdict_when_both_are_over(played):
    """Neither is the other's second wave."""
    snapshot = played[1700]
    verdicts = [snapshot.recovery.verdict.value, *(one.recovery.verdict.value for one in snapshot.further)]
    assert verdicts == ["recovered", "recovered"]
    causes = {snapshot.candidates[0].service, snapshot.further[0].candidates[0].service}
    assert causes == {"database", "relay"}


def test_what_ended_last_stays_on_top_for_a_while(tmp_path):
    """Its state is what people look for; once that is an old story the weightier one is told first again."""
    chance = np.random.default_rng(3)
    edge, media, pay = [], [], []
    for now in range(BEGIN, BEGIN + 2400):
        for route, log in (("PUT /media", media), ("POST /pay", pay)):
            is_full = log is media and FIRST <= now < FIRST_END and chance.random() < 0.8
            is_refused = log is pay and BEGIN + 1020 <= now < BEGIN + 1120 and chance.random() < 0.4
            at = np.datetime64(now, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            status = 507 if is_full else 502 if is_refused else 200
            edge.append(f'10.1.1.9 - - [{at}] "{route} HTTP/1.1" {status} 160 "-" "-"')
            words = "ERROR write failed: no space left on device" if is_full else "INFO done"
            log.append(f"{stamp(now)} {'ERROR refused: certificate has expired' if is_refused else words}")
    for name, lines in (("edge", edge), ("media", media), ("pay", pay)):
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n")
    played = Playback(tmp_path)
    tops = [played.look(BEGIN + second).candidates[0].service for second in (900, 1110, 1300, 1900, 2300)]
    assert tops == ["media", "pay", "pay", "pay", "media"]


def test_a_verdict_that_is_of_another_incident_took_back_none(played):
    """The history tells that the first one's end held, and that another incident came on top of it."""
    change = next(one for one in reversed(played[1100].history) if "another incident" in one.reason)
    assert change.verdict.value == "recovered"
    assert change.reason.startswith("another incident was on top: errors go on")


def test_before_the_second_there_is_one(played):
    """Nothing further is told of a single incident."""
    assert played[900].further == ()
    assert played[900].candidates[0].service == "database"


def test_what_was_noted_of_an_earlier_incident_is_not_told_in_this_one(tmp_path):
    """Notes are found again with the same files: of yesterday's none is told, and no fix from before the begin."""
    Town(tmp_path, BEGIN + 5000, BEGIN + 5000, 900)
    notes = (
        Note((BEGIN - 14_000) * US, "restarted the database", is_fix=True),
        Note((BEGIN - 13_000) * US, "yesterday's note"),
        Note((BEGIN - 60) * US, "shop was deployed by hand"),
        Note((BEGIN + 100) * US, "disk cleaned", is_fix=True),
        Note((FIRST + 30) * US, "disk grown", is_fix=True),
    )
    request = Request([str(tmp_path)], notes=notes)
    snapshot = run_batch(request, open_request(request))
    assert {one.event for one in snapshot.timeline} >= {"shop was deployed by hand", "disk grown"}
    assert not {one.event for one in snapshot.timeline} & {"restarted the database", "yesterday's note"}
    assert [one.event for one in snapshot.timeline if one.kind is EventKind.FIX and one.is_key] == ["disk grown"]
    assert [one.text for one in find_attempts(snapshot)] == ["disk grown"]


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """Letters are deferred from the sixth minute to the end; the shop's pages fail for three minutes in between."""
    folder = tmp_path_factory.mktemp("beside")
    chance = np.random.default_rng(7)
    edge, shop, letters = [], [], []
    for now in range(BEGIN, BEGIN + 1300):
        for _ in range(chance.poisson(3)):
            is_broken = FIRST <= now < FIRST + 180
            at = np.datetime64(now, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{at}] "GET /basket HTTP/1.1" {500 if is_broken else 200} 160 "-" "-"')
            shop.append(f"{stamp(now)} {'ERROR basket total is negative' if is_broken else 'INFO basket shown'}")
        for _ in range(chance.poisson(1)):
            is_late = now >= BEGIN + 360
            letters.append(f"{stamp(now)} {'WARN letter deferred, try again later' if is_late else 'INFO letter sent'}")
    for name, lines in (("edge", edge), ("shop", shop), ("letters", letters)):
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    return Playback(folder).look(BEGIN + 1080)


def test_what_goes_on_beside_it_is_an_incident_of_its_own(beside):
    """The pages are well again, whatever letters do: they began before, went on as before and have no part in it."""
    assert beside.candidates[0].service == "shop"
    assert (beside.recovery.verdict.value, beside.recovery.over) == ("recovered", True)
    assert beside.incident.services == ("edge", "shop")


def test_what_goes_on_beside_it_is_told_and_not_denied(beside):
    """That letters complain stands in the first sentence, and nowhere that they have no new kind of error."""
    (other,) = beside.further
    assert (other.candidates[0].service, other.recovery.over) == ("letters", False)
    assert "apart from it letters complains since 14:06:0" in beside.sentences[0].text
    assert not [one for one in beside.ruled_out if one.service == "letters" and "no kind of error" in one.reason]


@pytest.fixture(scope="module")
def overlapping(tmp_path_factory):
    """Letters are refused from minute 6 to 14; vouchers fail from minute 11 to 20; neither takes notice."""
    folder = tmp_path_factory.mktemp("overlapping")
    chance = np.random.default_rng(11)
    edge, shop, vouchers, letters = [], [], [], []
    for now in range(BEGIN, BEGIN + 1500):
        for _ in range(chance.poisson(3)):
            is_broken = BEGIN + 660 <= now < BEGIN + 1200
            at = np.datetime64(now, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{at}] "POST /voucher HTTP/1.1" {500 if is_broken else 200} 160 "-" "-"')
            vouchers.append(
                f"{stamp(now)} {'ERROR stacking failed: too deep' if is_broken else 'INFO voucher applied'}"
            )
            shop.append(f"{stamp(now)} {'ERROR vouchers answered 500' if is_broken else 'INFO voucher ok'}")
        for _ in range(chance.poisson(1)):
            is_late = BEGIN + 360 <= now < BEGIN + 840
            letters.append(f"{stamp(now)} {'ERROR letter kept: relay closed' if is_late else 'INFO letter sent'}")
    for name, lines in (("edge", edge), ("shop", shop), ("vouchers", vouchers), ("letters", letters)):
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    return Playback(folder).look(BEGIN + 1080)


def test_two_that_overlap_are_two(overlapping):
    """The vouchers' incident begins with them, and the letters' one, earlier, ended while that went on."""
    assert overlapping.candidates[0].service == "vouchers"
    assert 0 <= overlapping.incident.start // 1_000_000 - (BEGIN + 660) <= 2
    (other,) = overlapping.further
    assert other.candidates[0].service == "letters"
    assert other.recovery.over is True
    assert abs(other.incident.end // 1_000_000 - (BEGIN + 840)) <= 5
    assert "letters" not in overlapping.incident.services


def test_who_has_an_incident_of_its_own_is_not_ruled_out(overlapping):
    """What is told as another incident is no service that need not be woken."""
    assert "letters" not in {one.service for one in overlapping.ruled_out}


def test_one_service_that_complains_alone_is_told_as_that(overlapping):
    """Nobody is named and no request fails with it: it is no incident that anybody must wait for."""
    text, report = render_console(overlapping, 120), render_markdown(overlapping)
    told = r"one service alone complained \d\d:06:\d\d to \d\d:1\d:\d\d: letters: letter kept"
    assert re.search(rf"^ALSO +apart from it, {told}", text, re.M)
    assert re.search(r"Apart from it one service alone complains, \d\d:06:\d\d to .*, over: `letters: letter", report)


def test_an_incident_that_takes_others_down_is_told_as_one(played):
    """When it was, whose, and that it is over."""
    text, report = render_console(played[1700], 120), render_markdown(played[1700])
    assert re.search(r"^ALSO +another incident \d\d:1\d:\d\d to \d\d:1\d:\d\d, over: (relay|database): ", text, re.M)
    assert re.search(r"Another incident in these logs, \d\d:1\d:\d\d to \d\d:1\d:\d\d, over: `", report)


def play_two(folder, letters_fail, shop_fails="ledger:5432: out of memory"):
    """Baskets and letters fail from the tenth minute on, to the end, a few seconds after each other."""
    chance = np.random.default_rng(3)
    logs = {"shop": [], "letters": [], "search": []}
    for now in range(BEGIN, BEGIN + 900):
        for _ in range(chance.poisson(2)):
            is_broken = now >= FIRST and chance.random() < 0.7
            logs["shop"].append(
                f"{stamp(now)} {f'ERROR basket not stored: {shop_fails}' if is_broken else 'INFO basket stored'}"
            )
        for _ in range(chance.poisson(1)):
            is_kept = now >= FIRST + 7
            logs["letters"].append(f"{stamp(now)} {f'ERROR letter kept: {letters_fail}' if is_kept else 'INFO sent'}")
        if now % 5 == 0:
            logs["search"].append(f"{stamp(now)} INFO segment merged")
    for name, lines in logs.items():
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    request = Request([str(folder)])
    return run_batch(request, open_request(request))


def test_two_that_begin_together_and_go_on_are_two_where_each_says_why(tmp_path):
    """A certificate that is over has nothing to do with a full memory; the lesser is told beside, by its own reason."""
    found = play_two(tmp_path, "certificate of relay.partner.example has expired")
    assert set(found.incident.services) == {"shop"}
    (other,) = found.further
    assert set(other.incident.services) == {"letters"}
    assert "certificate of relay.partner.example" in other.candidates[0].headline
    assert other.recovery.over is False


@pytest.mark.parametrize(
    ("letters_fail", "shop_fails"),
    [
        ("relay.partner.example:25: connection refused", "ledger:5432: out of memory"),
        ("spool of relay.partner.example: no space left on device", "ledger:5432: out of memory"),
        ("certificate of relay.partner.example has expired", "ledger:5432: connection refused"),
        ("certificate of relay.partner.example has expired", "certificate of ledger.example.org is not trusted"),
        ("certificate of ledger has expired", "ledger:5432: out of memory"),
    ],
)
def test_two_that_begin_together_are_one_where_one_reason_may_be_behind_both(tmp_path, letters_fail, shop_fails):
    """Who was only refused, ran out of what a host has, has the same reason or names the same one may be a victim."""
    found = play_two(tmp_path, letters_fail, shop_fails)
    assert found.further == ()
    assert {"shop", "letters"} <= set(found.incident.services)
