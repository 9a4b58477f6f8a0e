"""Several services in one stream: they are known by the names that their records have, as if each had its own log."""

import json

from tests.analysis.small_incidents import Writer, iso
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
