"""What a database was asked names nobody: the client's statement holds the client's own words."""

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, comma


def test_a_statement_below_an_error_of_a_database_blames_no_client(tmp_path):
    """Bookings cannot be stored since the database takes no writes; `INSERT INTO bookings` is no word about booking."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 2400, 0.5):
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.100 UTC [7] LOG:  checkpoint starting: time")
    w.add("postgresql.log", 1198, f"{at(1198):%Y-%m-%d %H:%M:%S}.100 UTC [7] LOG:  entering standby mode")
    for s in w.often(0, 2400, 1):
        bad = 1200 < s < 1800
        w.add("booking-api.log", s, f"{comma(s)} {'ERROR booking not stored' if bad else 'INFO booking stored'}")
        if bad:
            head = f"{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [900] booking@booking "
            said = "ERROR:  cannot execute INSERT in a read-only transaction"
            asked = "STATEMENT:  INSERT INTO bookings (ref)\n\tVALUES ($1) -- booking-api"
            w.add("postgresql.log", s, f"{head}{said}\n{head}{asked}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert not any("named by postgres" in one.text for c in snapshot.candidates for one in c.evidence)
    assert snapshot.candidates[0].service == "postgres"


def test_whose_session_a_database_ended_blames_nobody(tmp_path):
    """MariaDB tells with each connection that it gives up whose it was: `db: 'shop' user: 'shop'`."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 2400, 1):
        bad = 1200 < s < 1800
        w.add("shop.log", s, f"{comma(s)} {'ERROR order not stored: Lost connection' if bad else 'INFO order stored'}")
        if bad:
            said = "Aborted connection 31 to db: 'shop' user: 'shop' host: '10.0.0.7' (Got timeout reading packets)"
            w.add("mariadb.log", s, f"{at(s):%Y-%m-%d %H:%M:%S} 31 [Warning] {said}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert not any("name shop" in one.text for c in snapshot.candidates for one in c.counter_evidence)
    assert not any("named by mariadb" in one.text for c in snapshot.candidates for one in c.evidence)
