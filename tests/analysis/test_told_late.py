"""What is told when it is mended is not what broke, and one log may tell of several services' changes."""

from tests.analysis.small_incidents import at, comma, iso
from tests.judged import judge_small


def _two_releases(w):
    """One deployer releases mail and then shop; shop fails since its own release."""
    for second, text in (
        (980, "mail: release r3 live"),
        (1000, "shop: release r8 started (from r7)"),
        (1003, "shop: release r8 live"),
    ):
        w.add("releases.log", second, f"[{iso(second)}] {text}")
    for name in ("shop", "mail"):
        for s in w.often(0, 2000, 3):
            if name == "shop" and s > 1012 and w.chance.random() < 0.7:
                w.add("shop.log", s, f"{comma(s)} ERROR basket {w.number(1, 999)}: total is not a number")
            else:
                w.add(f"{name}.log", s, f"{comma(s)} INFO handled {w.number(1, 9999)} in {w.number(2, 40)} ms")


def _role_turned(w):
    """A store is made a copy of another one and refuses writes; when it is turned back, it complains itself."""
    for second, text in (
        (0, "# oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"),
        (0.001, "* Ready to accept connections"),
        (80, "* Before turning into a replica, using my own master parameters to synthesize a cached master"),
        (80.001, "* Connecting to MASTER 10.0.0.9:6379"),
        (80.002, "* MASTER <-> REPLICA sync started"),
        (80.003, "* REPLICAOF 10.0.0.9:6379 enabled (user request from 'id=5 addr=10.0.0.4:50812')"),
        (80.004, "* Master replied to PING, replication can continue..."),
        (84, "* MASTER <-> REPLICA sync: Flushing old data"),
        (84.001, "* MASTER <-> REPLICA sync: Finished with success"),
        (150, "# Connection with master lost."),
        (150.001, "# Setting secondary replication ID to 1ac3, valid up to offset: 99"),
        (150.002, "* MASTER MODE enabled (user request)"),
    ):
        w.add(
            "redis-stock.log", second, f"77:M {at(second):%d May %Y %H:%M:%S}.{int(second % 1 * 1000 + 0.5):03} {text}"
        )
    w.add("replicas.log", 150.01, f"{comma(150.01)} WARNING lost a replica: redis-stock went away")
    for s in range(5, 220, 30):
        w.add("replicas.log", s, f"{comma(s)} INFO looked at 4 replicas")
    for s in w.often(0, 220, 4):
        refused = 80.4 < s < 150 and w.chance.random() < 0.6
        said = (
            "ERROR stock not booked: READONLY You can't write against a read only replica."
            if refused
            else "INFO booked"
        )
        w.add("stock.log", s, f"{comma(s)} {said}")


def _sessions_ended(w):
    """Statements wait for a table; it goes on once the session of a report is ended, and that report says so."""
    for s in w.often(0, 2400, 4):
        waits = 1000 < s < 1400 and w.chance.random() < 0.7
        said = "ERROR Lock wait timeout exceeded; try restarting transaction" if waits else "INFO item shown"
        w.add("shelf.log", s, f"{comma(s)} {said}")
    for s in range(700, 1400, 20):
        w.add("figures.log", s, f"{comma(s)} INFO page {s // 20} of 90 written")
    w.add(
        "figures.log",
        1400.5,
        f"{comma(1400.5)} ERROR stopped\nTraceback (most recent call last):\n"
        '  File "/srv/lib/site-packages/pymysql/connections.py", line 744, in _read_packet\n    data = self._read()\n'
        "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
    )


def test_a_step_of_another_services_release_is_not_what_set_it_off():
    """Of a log that tells of several services the first step is the failing one's, and it is told by its name."""
    top = judge_small(_two_releases).candidates[0]
    assert top.service == "shop"
    assert top.trigger is not None
    assert top.trigger.text == "shop: release r8 started (from r7)"


def test_what_a_server_says_as_it_is_mended_is_not_the_cause():
    """Who is named by many all along is shown by what these say, not by its own warning at the end."""
    top = judge_small(_role_turned).candidates[0]
    assert top.service == "redis-stock"
    assert "READONLY" in top.headline
    assert top.trigger is not None
    assert "REPLICAOF" in top.trigger.text


def test_who_names_it_first_shows_what_it_did():
    """A report whose session is ended as the last act does not speak for a server that made others wait since long."""
    top = judge_small(_sessions_ended).candidates[0]
    assert "Lock wait timeout" in top.headline
