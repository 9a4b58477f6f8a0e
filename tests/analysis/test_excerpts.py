"""A few lines that somebody took out of logs: how many errors a minute has says nothing of them."""

import pytest

from logscope.model.kinds import Role
from logscope.model.recovery import Verdict
from tests.judged import judge

SEATS = """\
2026-03-05T09:00:14.480Z INFO  [http-1] booked seat 8812
2026-03-05T09:02:10.250Z INFO  [http-2] booked seat 8813
2026-03-05T09:04:11.990Z ERROR [http-5] booking failed: no answer from 10.0.4.7:3306: connection refused
2026-03-05T09:06:15.760Z ERROR [http-6] booking failed: no answer from 10.0.4.7:3306: connection refused
2026-03-05T09:08:19.210Z ERROR [http-7] booking failed: no answer from 10.0.4.7:3306: connection refused
"""
DATABASE = """\
2026-03-05 09:00:01 0 [Note] mariadbd: ready for connections.
2026-03-05 09:03:55 0 [ERROR] mariadbd: Disk full (/var/tmp/#sql_1a2b); waiting for someone to free some space...
2026-03-05 09:03:58 0 [ERROR] mariadbd got signal 6 ;
"""


def test_a_few_lines_are_an_incident(tmp_path):
    """Less than one error a minute in eight minutes: all that is there was kept for what it tells."""
    (tmp_path / "seats.log").write_text(SEATS)
    (tmp_path / "mariadb.log").write_text(DATABASE)
    snapshot = judge(tmp_path)
    assert snapshot.incident is not None
    assert snapshot.candidates[0].file.endswith("mariadb.log")
    assert "isk full" in snapshot.candidates[0].headline


@pytest.mark.parametrize("good", [40, 2000])
def test_a_few_errors_among_many_lines_are_everyday(tmp_path, good):
    """Three of forty, or three of thousands, one now and then."""
    lines = [f"2026-03-05T09:{n * 50 // good:02d}:{n % 60:02d}.000Z INFO booked seat {n}" for n in range(good)]
    for at in (1, 2, 3):
        lines.insert(at * good // 4, f"2026-03-05T09:{at * 50 // 4:02d}:59.000Z ERROR no such seat: {at}")
    (tmp_path / "seats.log").write_text("\n".join(lines) + "\n")
    assert judge(tmp_path).recovery.verdict is Verdict.NO_INCIDENT


LIBRARY = """\
2026-03-05T09:00:01Z INFO  [deployment] Rotating catalogue credentials
2026-03-05T09:00:02Z INFO  [loans-api] Using stored credentials
2026-03-05T09:00:03Z ERROR [catalogue-db] Authentication failed
2026-03-05T09:00:04Z WARN  [loans-api] Retrying catalogue lookup
2026-03-05T09:00:05Z INFO  [retry] Retrying attempt=2
2026-03-05T09:00:06Z ERROR [catalogue-db] Invalid password
2026-03-05T09:00:07Z WARN  [loans-api] Retry storm detected
2026-03-05T09:00:08Z INFO  [metrics] Loans per second=0
2026-03-05T09:00:09Z WARN  [ops] Looking at stale secrets
2026-03-05T09:00:10Z INFO  [kubelet] Restarting containers
2026-03-05T09:00:11Z INFO  [loans-api] Loading fresh credentials
2026-03-05T09:00:12Z INFO  [catalogue-db] Authentication successful
2026-03-05T09:00:13Z INFO  [metrics] Loans per second=7
"""


def test_a_told_story_is_read_as_told(tmp_path):
    """One line a second of many services: none of them begins the log, and a word of any message names nobody."""
    (tmp_path / "notes.log").write_text(LIBRARY)
    snapshot = judge(tmp_path)
    assert (snapshot.candidates[0].service, snapshot.candidates[0].line) == ("catalogue-db", 3)
    assert snapshot.candidates[0].trigger.sample.endswith("Rotating catalogue credentials")
    assert "retry" not in {one.service for one in snapshot.candidates}


@pytest.mark.parametrize(
    ("last", "verdict"),
    [
        ("INFO  [loans-api] Normal operations resumed", Verdict.TOO_EARLY),
        ("INFO  [loans-api] Loans per second=9", Verdict.ONGOING),
        ("ERROR [loans-api] Normal operations not resumed", Verdict.ONGOING),
    ],
)
def test_who_says_that_it_is_over_is_heard(tmp_path, last, verdict):
    """Some seconds without an error prove nothing, but whoever says so is the likelier reading."""
    more = f"2026-03-05T09:00:14Z {last}\n2026-03-05T09:00:15Z INFO  [metrics] Loans per second=9\n"
    (tmp_path / "notes.log").write_text(LIBRARY + more)
    assert judge(tmp_path).recovery.verdict is verdict


def test_warnings_of_a_few_lines_count(tmp_path):
    """Two errors among six warnings of twenty lines were kept for what they tell, two among none are everyday."""
    lines = [f"2026-03-05T09:00:{n:02d}Z INFO  [http-1] booked seat {n}" for n in range(20)]
    for n in (9, 15):
        lines[n] = lines[n].replace("INFO  [http-1] booked", "ERROR [http-1] booking failed for")
    (tmp_path / "seats.log").write_text("\n".join(lines) + "\n")
    assert judge(tmp_path).incident is None
    for n in (5, 7, 8, 11, 13, 14):
        lines[n] = lines[n].replace("INFO ", "WARN ").replace("booked", "slow answer for")
    (tmp_path / "seats.log").write_text("\n".join(lines) + "\n")
    assert judge(tmp_path).incident is not None


POOLS = """\
2026-03-05T09:00:01Z [desk-api] INFO request /loans received
2026-03-05T09:02:14Z [desk-api] WARN HikariPool-1 - Connection is not available, request queued
2026-03-05T09:02:15Z [desk-api] ERROR HikariPool-1 - Connection is not available, request timed out after 30000ms
2026-03-05T09:02:16Z [loans-api] ERROR could not get JDBC connection; pool exhausted (active=20, idle=0)
2026-03-05T09:02:17Z [postgres-primary] WARN too many clients already; max_connections=20 reached
2026-03-05T09:02:20Z [mailer] ERROR note not sent
2026-03-05T09:02:41Z [desk-api] ERROR HTTP 500 on POST /loans abandoned
"""


def test_whose_pool_is_empty_waits_for_the_database_that_is_full(tmp_path):
    """Nobody names it; that they wait for it is told so, and not as if their lines named it."""
    (tmp_path / "notes.log").write_text(POOLS)
    top = judge(tmp_path).candidates[0]
    assert (top.service, top.line) == ("postgres", 5)
    (reach,) = [one for one in top.evidence if one.kind == "reach"]
    assert reach.text.startswith("waited for by desk-api and loans-api, with no connection left")


def test_of_a_small_incident_every_failure_is_a_part(tmp_path):
    """Where no kind is strong all count, also who is tied to nobody: what fails at last is no end of it."""
    (tmp_path / "notes.log").write_text(POOLS)
    snapshot = judge(tmp_path)
    assert {one.service for one in snapshot.groups if one.role in (Role.CAUSE, Role.SYMPTOM)} == {
        "desk-api", "loans-api", "postgres-primary", "mailer",
    }  # fmt: skip
    assert snapshot.recovery.verdict is Verdict.ONGOING


def test_an_empty_pool_beside_a_database_that_is_well_is_ones_own(tmp_path):
    """A database whose connections are not used up is waited for by nobody."""
    (tmp_path / "notes.log").write_text(POOLS.replace("too many clients already; max_connections=20 reached", "slow"))
    assert judge(tmp_path).candidates[0].service in ("desk-api", "loans-api")


def test_a_piece_of_hours_is_an_incident_where_its_errors_lie_together(tmp_path):
    """Somebody cut two hours out around ten minutes of errors; spread over all of them they would be everyday."""
    lines = [f"2026-03-05T{9 + n // 12:02d}:{n % 12 * 5:02d}:00Z INFO  [http-1] booked seat {n}" for n in range(25)]
    spread = [line.replace("INFO  [http-1] booked", "ERROR [http-1] no") if n % 5 == 2 else line
              for n, line in enumerate(lines)]  # fmt: skip
    (tmp_path / "seats.log").write_text("\n".join(spread) + "\n")
    assert judge(tmp_path).incident is None
    lines[4:9] = [line.replace("INFO  [http-1] booked", "ERROR [http-1] no") for line in lines[4:9]]
    (tmp_path / "seats.log").write_text("\n".join(lines) + "\n")
    assert judge(tmp_path).incident is not None


def begin_inside(folder, failed):
    """Three minutes of a shop from their first line on: of one seldom route some requests fail, the rest is fine."""
    rows, lines = [], []
    for second in range(180):
        stamp = f"05/Mar/2026:09:{second // 60:02d}:{second % 60:02d} +0000"
        rows += [f'10.0.0.{n} - - [{stamp}] "GET /list HTTP/1.1" 200 9 "-" "-"' for n in range(8)]
        status = 502 if second % 10 < failed and second % 2 == 0 else 200
        rows.append(f'10.0.0.9 - - [{stamp}] "POST /pay HTTP/1.1" {status} 9 "-" "-"')
        if status == 502:
            lines.append(f"2026-03-05T09:{second // 60:02d}:{second % 60:02d}.100Z ERROR not paid: lost the session")
        lines.append(f"2026-03-05T09:{second // 60:02d}:{second % 60:02d}.200Z INFO list shown")
    (folder / "edge.log").write_text("\n".join(rows) + "\n")
    (folder / "shop.log").write_text("\n".join(lines) + "\n")
    return judge(folder)


def test_a_route_that_fails_since_the_first_line_is_an_incident(tmp_path):
    """One request to pay in three fails, few of all requests: nothing to compare with is needed to say that it does."""
    snapshot = begin_inside(tmp_path, 6)
    assert snapshot.incident is not None
    assert snapshot.recovery.verdict is Verdict.ONGOING
    assert snapshot.incident.success_rate.before is None


def test_a_request_that_fails_now_and_then_is_everyday(tmp_path):
    """None in twenty."""
    assert begin_inside(tmp_path, 0).incident is None


def test_who_comes_first_by_chance_is_not_first(tmp_path):
    """Where logs begin with the incident everyday noise begins with them: its first line shows no order."""
    lines = [
        f"2026-03-05T09:00:{n:02d}.100Z {'WARN cart has many lines' if n % 4 == 1 else 'INFO put'}" for n in range(60)
    ]
    (tmp_path / "cart.log").write_text("\n".join(lines) + "\n")
    said = [f"2026-03-05T09:00:{n:02d}.300Z ERROR vault refused it: gone away" for n in range(4, 60)]
    (tmp_path / "books.log").write_text("\n".join(said) + "\n")
    own = [f"2026-03-05T09:00:{n:02d}.200Z ERROR sessions end unasked" for n in range(6, 60, 2)]
    (tmp_path / "vault.log").write_text("\n".join(own) + "\n")
    assert judge(tmp_path).candidates[0].service == "vault"
