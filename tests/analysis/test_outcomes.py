"""What users got, by ids: clients that ask again, and services that log how each operation ended."""

import random

import numpy as np
import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

BEGIN = 1_772_460_000
ONSET = BEGIN + 300
END = BEGIN + 420
LAST = BEGIN + 600


def incident(folder):
    request = Request([str(folder)])
    return run_batch(request, open_request(request)).incident


def ids(seed):
    chance = random.Random(seed)
    while True:
        yield f"{chance.getrandbits(48):012x}"


def access(seconds, statuses, rid):
    for second, status in zip(seconds, statuses, strict=True):
        stamp = np.datetime64(second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        yield second, f'10.1.1.9 - - [{stamp}] "GET /cart HTTP/1.1" {status} 160 "-" "-" rt=0.01 rid={rid}'


def write(path, rows):
    path.write_text("".join(f"{line}\n" for _, line in sorted(rows, key=lambda row: row[0])))


@pytest.mark.parametrize("repeats", [True, False])
def test_users_are_counted_by_id_where_clients_ask_again(tmp_path, repeats):
    """Every request is tried twice in the incident, every other one is served then: half of the users, a quarter of
    the attempts."""
    name, rows = ids(1), []
    for second in range(BEGIN, LAST):
        for n in range(2):
            rid = next(name)
            if not ONSET <= second < END:
                rows += access([second], [200], rid)
            elif repeats:
                rows += access([second, second + 1], [503, 200 if n else 503], rid)
            else:
                rows += access([second], [200 if n else 503], rid)
    write(tmp_path / "access.log", rows)
    found = incident(tmp_path)
    if not repeats:
        assert found.attempts is None
        return
    assert found.attempts.asked == pytest.approx(240, abs=4)
    assert found.attempts.served == pytest.approx(120, abs=4)
    assert found.attempts.failed_attempts == pytest.approx(360, abs=4)
    assert found.success_rate.during == pytest.approx(0.25, abs=0.02)


def operations(end_of_failed):
    """A worker's log: work begins, and ends well but for two of three in the incident."""
    name, rows = ids(2), []
    for second in range(BEGIN, LAST):
        rid = next(name)
        stamp = f"{np.datetime64(second, 's')}Z"
        rows.append((second, f"{stamp} INFO transfer begun id={rid} amount={second % 97}"))
        if ONSET <= second < END and second % 3:
            rows.append((second, f"{stamp} ERROR ledger refused the entry id={rid}: lock timeout"))
            rows += [(second, f"{stamp} INFO {end_of_failed} id={rid}")] if end_of_failed else []
        else:
            rows.append((second, f"{stamp} INFO transfer booked id={rid}"))
    return rows


def test_without_an_access_log_operations_are_paired_by_their_ids(tmp_path):
    """Begun and booked before; in the incident two of three show an error and no end."""
    write(tmp_path / "transfers.log", operations(""))
    found = incident(tmp_path)
    assert (found.is_by_ids, found.success_rate.before, found.success_rate.after) == (True, 1.0, 1.0)
    assert found.success_rate.during == pytest.approx(1 / 3, abs=0.03)
    assert found.volume.during == pytest.approx(1, abs=0.05)


def test_an_end_that_comes_whatever_happened_tells_nothing(tmp_path):
    """The last line of an id is the same for what failed: no rate is claimed."""
    write(tmp_path / "transfers.log", operations("transfer booked"))
    assert incident(tmp_path).success_rate.during is None
