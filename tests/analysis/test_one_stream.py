"""Several services in one stream: they are known by the names that their records have, as if each had its own log."""

import json

from tests.analysis.small_incidents import Writer, at, iso
from tests.judged import judge


def write_stream(folder, caller, callee, failure):
    """Two services and a job that fails all the time; from second 500 on one of them complains of the other."""
    w = Writer(folder, 3)

    def say(s, service, level, message):
        w.add("all.log", s, json.dumps({"time": iso(s), "level": level, "service": service, "msg": message}))

    for s in w.often(0, 700, 5):
        fails = s > 500
        say(s, caller, "error" if fails else "info", failure if fails else "order taken")
    for s in w.often(0, 500, 2):
        say(s, callee, "info", "price read")
    for s in w.often(0, 700, 1):
        say(s, "nightly-export", "error", "row skipped: no customer")
    w.write()


def test_a_service_of_the_stream_is_blamed_by_its_name(tmp_path):
    """The sentence alone tells nobody: `tariffs` is part of a name that only other records of the stream have."""
    write_stream(tmp_path, "kiosk", "tariffs-svc", "no price: tariffs is not there")
    top = judge(tmp_path).candidates[0]
    assert top.service == "tariffs-svc"
    assert "named by kiosk" in top.headline


def test_a_name_means_its_service_however_it_is_written(tmp_path):
    """Capitals and dashes differ between who is called and who calls."""
    write_stream(tmp_path, "KioskService", "TariffService", "timeout calling tariff-service after 300 ms")
    top = judge(tmp_path).candidates[0]
    assert top.service == "TariffService"


def test_a_proxy_by_another_name_is_nobody_else(tmp_path):
    """`door` writes what nginx writes: the server that does not answer is behind it, and no nginx stands between."""
    w = Writer(tmp_path, 5)
    waited = "upstream timed out (110: Connection timed out) while reading response header from upstream"
    for s in w.often(0, 900, 3):
        w.add("all.log", s, f"kiosk-1  | {iso(s)} INFO page shown")
    for s in w.often(600, 900, 2):
        w.add("all.log", s, f"door-1  | {at(s):%Y/%m/%d %H:%M:%S} [error] 31#31: *9 {waited}, client: 10.0.0.9")
    w.write()
    assert "nginx" not in {one.service for one in judge(tmp_path).candidates}


def test_who_uses_the_same_library_quotes_nobody(tmp_path):
    """Two services fail to reach one server in the words of its driver: neither of them names the other."""
    w = Writer(tmp_path, 5)
    for name, begin, address in (("rental", 600, "10.0.4.1"), ("fleet", 601, "10.0.4.2")):
        for s in w.often(0, 900, 3):
            said = f'ERROR item not found: connection to server at "{address}", port 5432 failed: timeout expired'
            w.add(f"{name}.log", s, f"{iso(s)} {said if s >= begin else 'INFO item found'}")
    w.write()
    top, *others = judge(tmp_path).candidates
    assert top.service == "postgres"
    assert not [one for other in others for one in other.evidence if one.kind == "reach"]


def test_who_deploys_is_no_suspect_beside_what_it_deployed(tmp_path):
    """Its first step is told in words that say nothing, the last says whose change it was: one suspect, not two."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 500, 5):
        w.add(
            "all.log",
            s,
            f"door-1  | {iso(s)} {'WARN code of 7 not sent in time' if s > 320 else 'INFO code asked for'}",
        )
        w.add("all.log", s, f"mailq-1  | {iso(s)} INFO mail sent")
    for s, said in ((30, "sync of docs done"), (300, "sync of mailq began image=mailq:3.2"), (301, "deployed mailq")):
        w.add("all.log", s, f"crane-1  | {iso(s)} INFO {said}")
    w.write()
    candidates = judge(tmp_path).candidates
    assert "crane" not in {one.service for one in candidates}
    # What came is told by the first step: the last one only says that it is done.
    assert "image=mailq:3.2" in candidates[0].headline
