# ruff: noqa: E501 -- log lines are single lines
"""Small incidents of many kinds and layouts, written to a folder: each has one cause that a person would name."""

import json
import random
from datetime import UTC, datetime, timedelta
from functools import cache

DAY = datetime(2026, 5, 4, 9, tzinfo=UTC)


class Writer:
    """Collects lines of several logs by time and writes them in order."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.chance = random.Random(seed)
        self.lines = {}

    def add(self, name, second, text):
        self.lines.setdefault(name, []).append((second, text))

    def often(self, start, end, rate):
        """Random moments at a rate per second."""
        second = start
        while (second := second + self.chance.expovariate(rate)) < end:
            yield second

    def write(self):
        for name, lines in self.lines.items():
            text = "\n".join(line for _, line in sorted(lines, key=lambda pair: pair[0]))
            (self.folder / name).write_text(text + "\n")

    def number(self, low, high):
        return self.chance.randint(low, high)

    def id(self, bits=48):
        return f"{self.chance.getrandbits(bits):0{bits // 4}x}"


def at(second):
    return DAY + timedelta(seconds=second)


@cache
def clock(second, form):
    """Many lines are of one second: writing its time is half of the work of making them."""
    return at(second).strftime(form)


def iso(second):
    return clock(second // 1, "%Y-%m-%dT%H:%M:%S.") + f"{int(second % 1 * 1000):03}Z"


def comma(second):
    return clock(second // 1, "%Y-%m-%d %H:%M:%S,") + f"{int(second % 1 * 1000):03}"


def expired_certificate(w):
    """Orders cannot verify the ledger's certificate; the ledger itself has nothing to say."""
    for s in w.often(0, 2400, 2):
        bad = 1000 < s < 1800 and w.chance.random() < 0.7
        status = 502 if bad else 200
        stamp = clock(s // 1, "%d/%b/%Y:%H:%M:%S +0000")
        w.add(
            "edge.access.log",
            s,
            f'10.1.2.{w.number(1, 200)} - - [{stamp}] "POST /api/orders HTTP/1.1" {status} 512 "-" "okhttp/4"',
        )
        record = {
            "level": "info",
            "ts": at(s - 0.01).timestamp(),
            "caller": "ledger/client.go:61",
            "msg": "entry posted",
        }
        if bad:
            reason = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
            record |= {
                "level": "error",
                "msg": "post entry failed",
                "error": f'Post "https://ledger.int:8443/v1/entries": {reason}',
            }
        else:
            w.add("ledger.log", s, f"{iso(s)} INFO ledger.http - POST /v1/entries 201 in {w.number(2, 30)}ms")
        w.add("orders.json.log", s, json.dumps(record | {"order": f"o-{w.number(1000, 9999)}"}))


def full_disk(w):
    """The database cannot extend its files."""
    for s in w.often(0, 2400, 2):
        if 900 < s < 1700 and w.chance.random() < 0.6:
            prefix = f"{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [{w.number(200, 300)}] app@shop "
            w.add(
                "postgresql-15-main.log",
                s,
                prefix
                + f'ERROR:  could not extend file "base/16384/24{w.number(100, 999)}": No space left on device\n{prefix}HINT:  Check free disk space.',
            )
            w.add(
                "api.log",
                s + 0.02,
                f'{comma(s + 0.02)} ERROR [api.views] request {w.id()} failed\nTraceback (most recent call last):\n  File "/srv/api/views.py", line 88, in create\n    session.commit()\nsqlalchemy.exc.OperationalError: (psycopg2.errors.DiskFull) could not extend file',
            )
        else:
            w.add(
                "api.log", s, f"{comma(s)} INFO [api.views] created item {w.number(1, 99999)} in {w.number(3, 50)} ms"
            )
    for s in range(20, 2400, 60):
        w.add(
            "postgresql-15-main.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [77] LOG:  checkpoint complete: wrote {w.number(10, 900)} buffers",
        )


def bad_release(w):
    """A new version divides by zero; another service was released long before and is slow as ever."""
    for s, text in (
        (100, "rollout search v2.0.1 -> v2.0.2 finished"),
        (800, "rollout pricing v4.12.0 -> v4.13.0 started by bob"),
        (812, "rollout pricing v4.13.0 finished"),
        (1600, "rollback pricing v4.13.0 to v4.12.0"),
        (1610, "rollback finished"),
    ):
        w.add("deploy.log", s, f"[{iso(s)}] deployer: {text}")
    for s in w.often(0, 2400, 3):
        bad = 813 < s < 1608 and w.chance.random() < 0.5
        quote = f"{iso(s)}  INFO 7 --- [http-{w.number(1, 20)}] c.acme.pricing.QuoteController   : quote served in {w.number(1, 40)} ms"
        if bad:
            quote = f"{iso(s)} ERROR 7 --- [http-{w.number(1, 20)}] c.acme.pricing.DiscountService   : quote {w.number(1, 9999)} failed\njava.lang.ArithmeticException: / by zero\n\tat com.acme.pricing.DiscountService.share(DiscountService.java:71)\n\tat com.acme.pricing.QuoteController.quote(QuoteController.java:33)"
        w.add("pricing.log", s, quote)
        w.add(
            "gateway.log",
            s + 0.01,
            f'time="{iso(s + 0.01)}" level={"error" if bad else "info"} msg="{"upstream answered 500" if bad else "proxied"}" route=/quote upstream=pricing dur={w.number(1, 60)}ms',
        )
    for s in w.often(0, 2400, 0.03):
        w.add("search.log", s, f"{iso(s)} WARN search: shard {w.number(1, 5)} slow: {w.number(900, 2000)} ms")


def broker_out_of_memory(w):
    """The broker blocks its publishers; what it writes every five minutes is routine."""
    for s in range(0, 2400, 300):
        w.add("rabbit@mq1.log", s, f"{at(s):%Y-%m-%d %H:%M:%S.000000}+00:00 [info] <0.1.0> mirrored queue sync ok")
    w.add(
        "rabbit@mq1.log",
        1100,
        f"{at(1100):%Y-%m-%d %H:%M:%S.000000}+00:00 [warning] <0.300.0> memory resource limit alarm set on node rabbit@mq1. *** Publishers will be blocked until this alarm clears ***",
    )
    for s in w.often(0, 2400, 2):
        bad = 1102 < s < 2000
        w.add(
            "uploads.log",
            s,
            f"{iso(s)} {'E' if bad else 'I'} uploads publish {'failed: connection blocked by broker mq1:5672' if bad else 'ok'} id={w.id(32)}",
        )


def name_server_down(w):
    """Three services cannot resolve three different names; the name server's log was not given."""
    for name, host in (("billing", "vault.svc"), ("mailer", "smtp.corp"), ("users", "ldap.corp")):
        for s in w.often(0, 2400, 1):
            bad = 1000 < s < 1500 and w.chance.random() < 0.8
            text = f"dial tcp: lookup {host} on 10.96.0.10:53: server misbehaving" if bad else "job done"
            w.add(f"{name}.log", s, f"{iso(s)} {'ERROR' if bad else 'INFO'} {name} {text} n={w.number(1, 999)}")


def rotated_password(w):
    """Sessions cannot log in to redis: its password was rotated a moment before."""
    for s in w.often(0, 2400, 0.02):
        w.add("vault.log", s, f"{iso(s)} [INFO]  core: lease renewed: lease={w.id(32)}")
    w.add(
        "vault.log", 995, f"{iso(995)} [INFO]  secrets.rotation: rotated credential: path=db/redis-sessions version=8"
    )
    for s in w.often(0, 2400, 2):
        record = {
            "level": 30,
            "time": int(at(s).timestamp() * 1000),
            "pid": 7,
            "hostname": "web-1",
            "msg": "session loaded",
        }
        if 1000 < s < 1600:
            record |= {
                "level": 50,
                "msg": "session load failed",
                "err": {
                    "type": "ReplyError",
                    "message": "NOAUTH Authentication required.",
                    "stack": "ReplyError: NOAUTH Authentication required.\n    at parseError (/app/node_modules/redis-parser/lib/parser.js:179:12)\n    at Sessions.load (/app/src/sessions.js:44:7)",
                },
            }
        w.add("sessions.log", s, json.dumps(record))


def evicted_pod(w):
    """One line of the kubelet; the pod says nothing more, only the edge sees its users fail until it is back."""
    for s in w.often(0, 2400, 0.05):
        w.add(
            "kubelet.log",
            s,
            f'I{at(s):%m%d %H:%M:%S}.000000    1234 kubelet.go:2100] "SyncLoop (PLEG): event for pod" pod="default/cart-6d5-abc{w.number(1, 9)}"',
        )
    w.add(
        "kubelet.log",
        1000,
        f'W{at(1000):%m%d %H:%M:%S}.000000    1234 eviction_manager.go:340] "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"',
    )
    for s in w.often(0, 2400, 2):
        status = 503 if 1002 < s < 1500 else 200
        w.add(
            "ingress-nginx.log",
            s,
            f'10.2.3.4 - - [{at(s):%d/%b/%Y:%H:%M:%S} +0000] "POST /checkout HTTP/2.0" {status} 190 "-" "app/1"',
        )
        if status == 200:
            w.add("checkout.log", s, f"{iso(s)} INFO checkout order placed id={w.number(1, 9999)}")


def locking_migration(w):
    """A migration holds a lock; orders wait for it in vain. The log of migrations has two lines."""
    w.add(
        "migrate.log",
        950,
        f"[{comma(950)}] INFO migrate: applying 0091_add_index_orders (ALTER TABLE orders ADD INDEX)",
    )
    w.add("migrate.log", 1700, f"[{comma(1700)}] INFO migrate: applied 0091_add_index_orders in 750.1s")
    for s in w.often(0, 2400, 2):
        bad = 1000 < s < 1700 and w.chance.random() < 0.6
        text = f"(1205, 'Lock wait timeout exceeded; try restarting transaction') while inserting order {w.number(1, 9999)}"
        w.add(
            "orders.log",
            s,
            f"{comma(s)} [{'ERROR' if bad else 'INFO'}] orders.repo: {text if bad else 'inserted order'}",
        )


def forgotten_transaction(w):
    """A session holds a lock until somebody ends it by hand, which its server logs as FATAL."""
    pg = "postgresql.log"

    def line(s, pid, text):
        w.add(pg, s, f"{comma(s).replace(',', '.')} UTC [{pid}] app@shop {text}")

    for s in w.often(0, 2400, 2):
        line(s, w.number(4000, 4600), f"LOG:  duration: {w.number(200, 900)}.120 ms  execute <unnamed>: SELECT 1")
    line(1001.5, 4711, "LOG:  process 4711 still waiting for ShareLock on transaction 7421 after 1000.112 ms")
    line(1601.2, 4502, "FATAL:  terminating connection due to administrator command")
    for s in range(0, 2400, 60):
        w.add("syslog", s, f"{at(s):%b %e %H:%M:%S} db1 CRON[{w.number(900, 9000)}]: (root) CMD (/usr/lib/sa1 1 1)")
    for s in w.often(0, 2400, 4):
        bad = 1010 < s < 1602 and w.chance.random() < 0.7
        text = f"order {w.number(1, 9999)} {'failed: canceling statement due to lock timeout' if bad else 'stored'}"
        w.add("orders.log", s, f"{comma(s)} [{'ERROR' if bad else 'INFO'}] orders.repo: {text}")


def hanging_service(w):
    """Everybody waits for inventory, whose log just stops; it writes again at the end."""
    for s in [*w.often(0, 1000, 4), *w.often(1705, 2400, 4)]:
        w.add(
            "inventory.log", s, f'{iso(s)} level=info msg="stock read" sku={w.number(1, 999)} took={w.number(1, 9)}ms'
        )
    for name in ("cart", "search", "checkout"):
        for s in w.often(0, 2400, 1.5):
            bad = 1003 < s < 1700 and w.chance.random() < 0.6
            text = "ERROR context deadline exceeded calling http://inventory:8080/stock" if bad else "INFO request done"
            w.add(f"{name}.log", s, f"{at(s):%b %e %H:%M:%S} host3 {name}[{w.number(100, 200)}]: {text} rid={w.id(40)}")


def fatal_in_unknown_words(w):
    """A node ends itself in words that nobody knows and starts again; who needs it only says that it is refused."""
    for s in [*w.often(0, 1000, 0.5), *w.often(1500, 2400, 0.5)]:
        w.add("ledger-b.log", s, f"{iso(s)} INFO stats: {w.number(2, 4)} segments")
    w.add("ledger-b.log", 999.2, f"{iso(999.2)} WARN stats: a gap of {w.number(2, 9)} ms")
    w.add("ledger-b.log", 1000, f"{iso(1000)} FATAL epoch of this one is more than 500 apart from half of the rest")
    for s in w.often(0, 2400, 2):
        bad = 1001 < s < 1500 and w.chance.random() < 0.5
        w.add("seats.log", s, f"{iso(s)} {'ERROR seat not held: connection refused' if bad else 'INFO seat held'}")
    for s in w.often(0, 2400, 1):
        bad = 1003 < s < 1500 and w.chance.random() < 0.5
        w.add("office.log", s, f"{iso(s)} {'ERROR seats answered 503' if bad else 'INFO ticket sold'}")


def too_few_of_another(w):
    """Two keepers are full, one after the other; the broker's clock is 40 s behind, and it lacks keepers."""
    for n in (1, 2):
        for s in w.often(0, 2400, 0.3):
            w.add(f"keeper-{n}.log", s, f"{iso(s)} INFO flushed {w.number(1, 99)} entries")
        for s in w.often(1000 + n, 2400, 0.2):
            w.add(f"keeper-{n}.log", s, f"{iso(s)} ERROR directory /data/current is out of space")
    for s in w.often(0, 2400, 1):
        w.add("relay.log", s, f"{iso(s - 40)} INFO topic opened")
    for s in w.often(1003, 2400, 1):
        w.add("relay.log", s, f"{iso(s - 40)} ERROR not enough keepers available for a new segment")
    for s in w.often(0, 2400, 2):
        bad = s > 1004 and w.chance.random() < 0.6
        w.add("intake.log", s, f"{iso(s)} {'ERROR order refused by relay' if bad else 'INFO order taken'}")


def failing_disk_beside_chronic_noise(w):
    """A disk fails and says so for a while; what waits for it goes on failing, and noise began long before."""

    def tell(s, name, priority, text):
        stamp = str(int(at(s).timestamp() * 1_000_000))
        said = {"__REALTIME_TIMESTAMP": stamp, "SYSLOG_IDENTIFIER": name, "PRIORITY": priority, "MESSAGE": text}
        w.add("box.json", s, json.dumps(said))

    for s in w.often(0, 2400, 0.1):
        tell(s, "systemd", "6", f"Started Session {w.number(1, 99)} of User ops.")
    for s in w.often(1000, 1300, 0.1):
        tell(s, "kernel", "3", f"blk_update_request: I/O error, dev sdb, sector {w.number(10**6, 10**7)}")
    for s in w.often(0, 2400, 1):
        bad = s > 1005 and w.chance.random() < 0.6
        w.add("vault-of-scans.log", s, f"{iso(s)} {'ERROR object not written' if bad else 'INFO object written'}")
    for s in w.often(0, 2400, 1):
        bad = s > 1015 and w.chance.random() < 0.6
        w.add("reading-room.log", s, f"{iso(s)} {'ERROR scan is not there' if bad else 'INFO scan shown'}")
    for s in w.often(700, 2400, 0.6):
        w.add("dictation.log", s, f"{iso(s)} ERROR confidence of {w.number(1, 30)}, word dropped")


def stricter_policy(w):
    """A line of an everyday log tells a value beside the former one, and names whom a caller is then refused by."""
    for s in w.often(0, 2400, 0.03):
        w.add("applier.log", s, f'{iso(s)} level=info msg="nothing to do" app=mesh')
    w.add(
        "applier.log",
        997,
        f'{iso(997)} level=info msg="synced" resource=Policy/ledger/default diff="mode: LAX -> STRICT"',
    )
    for s in w.often(0, 2400, 1.5):
        bad = s > 1000
        text = "ERROR not posted: connection reset by peer http://ledger.books.svc:8080/post" if bad else "INFO posted"
        w.add("posting.log", s, f"{iso(s)} {text}")
    for s in w.often(0, 2400, 1):
        bad = s > 1010 and w.chance.random() < 0.6
        w.add("closing.log", s, f"{iso(s)} {'ERROR account open, posting is behind' if bad else 'INFO account closed'}")


def slow_for_a_while(w):
    """The worker is itself again after four minutes, and what waits is worked off."""
    for s in w.often(0, 900, 10):
        if not 400 <= s < 640 or w.chance.random() < 0.08:
            w.add("stamper.log", s, f"{comma(s)} INFO letter {w.number(1, 999)} stamped in {w.number(9, 40)} ms")
    for s in w.often(0, 900, 6):
        w.add("shop.log", s, f"{iso(s)} INFO letter asked for")
    depth = 0
    for s in range(0, 900, 10):
        depth = depth + 90 if 400 <= s < 640 else max(w.number(0, 5), depth - 400)
        w.add("gauge.log", s, f"{iso(s)} INFO waiting={depth} letters")


def slow_shelf(w):
    """A rebuild takes a list away by which a shelf was found; each look takes half a second until it is there again."""
    for s in w.often(0, 600, 6):
        took = w.number(350, 900) if 300 < s < 420 else w.number(1, 9)
        w.add("shelf.log", s, f"{comma(s)} INFO shelf.web - shelf {w.number(1, 90)} found in {took} ms")
    for s, told in ((299, "deploy of shelf-lists r8 done"), (419, "deploy of shelf-lists r7 done")):
        w.add("builds.log", s, f"{iso(s)} builds: {told}")
