# ruff: noqa: E501 -- log lines are single lines
"""More small incidents, as people on call know them: each written by a function, none worded after a rule."""

import json

from tests.analysis.small_incidents import at, clock, comma, iso

END = 2400
"""Seconds of each log."""


def syslog(w, name, second, host, program, text):
    w.add(name, second, f"{at(second):%b %e %H:%M:%S} {host} {program}: {text}")


def access(w, name, second, request, status, size=512):
    stamp = clock(second // 1, "%d/%b/%Y:%H:%M:%S +0000")
    w.add(
        name, second, f'10.4.0.{w.number(1, 250)} - - [{stamp}] "{request} HTTP/1.1" {status} {size} "-" "Mozilla/5.0"'
    )


def record(w, name, second, level, message, **more):
    w.add(name, second, json.dumps({"ts": iso(second), "level": level, "message": message, **more}))


def routine(w, name, rate, line, start=0, end=END):
    """Everyday lines: `line(second)` is the text."""
    for s in w.often(start, end, rate):
        w.add(name, s, line(s))


def broker_disk_full(w):
    """A broker of three cannot append; producers see no leader, consumers starve."""
    for s in w.often(0, END, 0.2):
        w.add(
            "broker-2.log",
            s,
            f"[{comma(s)}] INFO [GroupCoordinator 2]: Stabilized group billing generation {w.number(1, 99)} (kafka.coordinator.group.GroupCoordinator)",
        )
    w.add(
        "broker-2.log",
        1000,
        f"[{comma(1000)}] ERROR Error while appending records to payments-3 in dir /data/k2 (kafka.server.LogDirFailureChannel)\njava.io.IOException: No space left on device\n\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)\n\tat kafka.log.LogSegment.append(LogSegment.scala:160)",
    )
    w.add(
        "broker-2.log",
        1000.1,
        f"[{comma(1000.1)}] WARN [ReplicaManager broker=2] Stopping serving replicas in dir /data/k2 (kafka.server.ReplicaManager)",
    )
    for s in w.often(0, END, 2):
        bad = 1003 < s < 1700 and w.chance.random() < 0.6
        level, text = (
            (
                "ERROR",
                f"could not publish payment {w.number(1, 9999)}: Expiring 3 record(s) for payments-3: 30001 ms has passed since batch creation",
            )
            if bad
            else ("INFO", f"payment {w.number(1, 9999)} published")
        )
        w.add("payments.log", s, f"{iso(s)} {level:5} 1 --- [kafka-producer-network] c.a.payments.Publisher : {text}")
    for s in w.often(0, END, 1):
        bad = 1010 < s < 1700 and w.chance.random() < 0.5
        record(
            w,
            "billing.log",
            s,
            "warn" if bad else "info",
            "leader for payments-3 not available" if bad else "invoice written",
            invoice=w.number(1, 99999),
        )


def dns_gone(w):
    """Nobody can resolve anything any more; the resolver of the host says why, at no level."""
    for s in w.often(0, END, 0.05):
        syslog(w, "syslog", s, "web3", f"CRON[{w.number(1000, 9000)}]", "(www) CMD (/usr/local/bin/rotate-sessions)")
    syslog(
        w,
        "syslog",
        1000,
        "web3",
        "systemd-resolved[411]",
        "Failed to send hostname reply: Transport endpoint is not connected",
    )
    syslog(w, "syslog", 999, "web3", "systemd-resolved[411]", "eth0: Bus client set DNS server list to: 192.0.2.1")
    for name, host in (("booking", "inventory.svc"), ("prices", "fx.example.net"), ("mailout", "smtp.example.net")):
        for s in w.often(0, END, 1):
            bad = 1002 < s < 1600 and w.chance.random() < 0.7
            w.add(
                f"{name}.log",
                s,
                f"{comma(s)} - {name} - {'ERROR' if bad else 'INFO'} - "
                + (f"getaddrinfo EAI_AGAIN {host}" if bad else f"done {w.number(1, 9999)}"),
            )


def crash_loop(w):
    """A container runs out of memory again and again; its own log only ever starts."""
    for s in w.often(0, END, 0.1):
        w.add(
            "kubelet.log",
            s,
            f'I{at(s):%m%d %H:%M:%S}.{w.number(100000, 999999)}    2211 kubelet.go:2415] "SyncLoop (PLEG): event for pod" pod="shop/ads-7d9f8c6b5-k2x9p"',
        )
    routine(
        w, "matcher.log", 2, lambda s: f'{{"t":"{iso(s)}","lvl":"info","msg":"matched","n":{w.number(1, 50)}}}', 0, 1000
    )
    for n, s in enumerate((1000, 1030, 1085, 1180, 1360, 1690)):
        w.add(
            "kubelet.log",
            s + 1,
            f'I{at(s + 1):%m%d %H:%M:%S}.120000    2211 event.go:307] "Event occurred" object="shop/matcher-6f5c9d7b8-q8w4z" kind="Pod" reason="OOMKilling" message="Memory cgroup out of memory: Killed process {w.number(9000, 99999)} (matcher)"',
        )
        w.add(
            "kubelet.log",
            s + 3,
            f'E{at(s + 3):%m%d %H:%M:%S}.120000    2211 pod_workers.go:1300] "Error syncing pod, skipping" err="failed to StartContainer for matcher with CrashLoopBackOff: back-off {10 * 2**n}s restarting failed container=matcher pod=matcher-6f5c9d7b8-q8w4z_shop"',
        )
        w.add("matcher.log", s + 12, f'{{"t":"{iso(s + 12)}","lvl":"info","msg":"starting matcher 5.2.0"}}')
    routine(
        w, "matcher.log", 2, lambda s: f'{{"t":"{iso(s)}","lvl":"info","msg":"matched","n":{w.number(1, 50)}}}', 1800
    )
    for s in w.often(0, END, 2):
        bad = 1002 < s < 1800 and w.chance.random() < 0.8
        w.add(
            "offers.log",
            s,
            f"{iso(s)} {'error' if bad else 'info'} offers "
            + ("no healthy endpoint for matcher" if bad else f"offer {w.number(1, 999)} shown"),
        )


def conntrack_full(w):
    """The kernel drops packets; everybody waits for somebody else."""
    for s in w.often(0, END, 0.03):
        syslog(
            w,
            "kern.log",
            s,
            "gw1",
            "kernel",
            f"[{s + 88000:.6f}] device veth{w.number(10, 99)} entered promiscuous mode",
        )
    for s in w.often(1000, 1700, 0.3):
        syslog(
            w,
            "kern.log",
            s,
            "gw1",
            "kernel",
            f"[{s + 88000:.6f}] nf_conntrack: nf_conntrack: table full, dropping packet",
        )
    for name, other in (("tickets", "seats"), ("seats", "venues"), ("venues", "maps")):
        for s in w.often(0, END, 1.5):
            bad = 1004 < s < 1700 and w.chance.random() < 0.4
            w.add(
                f"{name}.log",
                s,
                f'time="{iso(s)}" level={"error" if bad else "info"} msg="'
                + (f'call {other}: i/o timeout"' if bad else f'served in {w.number(1, 80)}ms"'),
            )


def clock_jump(w):
    """The clock of the host that issues tokens was set five minutes ahead; others refuse what it signs."""
    for s in range(30, END, 64):
        syslog(w, "chrony.log", s, "id1", "chronyd[700]", f"Selected source 192.0.2.{w.number(1, 4)}")
    syslog(w, "chrony.log", 1000, "id1", "chronyd[700]", "System clock wrong by 301.482313 seconds")
    syslog(w, "chrony.log", 1000.2, "id1", "chronyd[700]", "System clock was stepped by 301.482313 seconds")
    for name in ("orders", "profile"):
        for s in w.often(0, END, 1.5):
            bad = 1003 < s < 1600 and w.chance.random() < 0.7
            record(
                w,
                f"{name}.log",
                s,
                "warning" if bad else "info",
                "rejected token: used before issued (iat is in the future)" if bad else "request ok",
                user=w.number(1, 5000),
            )


def replica_lags(w):
    """The standby falls behind; the shop reads what is not there yet. No word of failure names it."""
    for s in w.often(0, END, 0.05):
        w.add(
            "pg-standby.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [31] LOG:  restartpoint complete: wrote {w.number(9, 900)} buffers",
        )
    w.add(
        "pg-standby.log",
        1000,
        f"{at(1000):%Y-%m-%d %H:%M:%S}.120 UTC [66] FATAL:  could not receive data from WAL stream: SSL connection has been closed unexpectedly",
    )
    for s in range(1005, 1700, 5):
        w.add(
            "pg-standby.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.120 UTC [{s}] LOG:  waiting for WAL to become available at 5/{w.id(24)}",
        )
    for s in w.often(0, END, 2):
        bad = 1020 < s < 1700 and w.chance.random() < 0.5
        w.add(
            "storefront.log",
            s,
            f"{comma(s)} {'WARN ' if bad else 'INFO '} [web-{w.number(1, 9)}] OrderPage - "
            + (
                f"order {w.number(1, 99999)} not there right after it was placed"
                if bad
                else f"order {w.number(1, 99999)} shown"
            ),
        )


def threads_starve(w):
    """All workers of one service hang in slow calls; the ones in front of it time out."""
    for s in w.often(0, END, 2):
        slow = 985 < s < 1600
        w.add(
            "assortment.log",
            s,
            f"{comma(s)} INFO  [exec-{w.number(1, 200)}] c.a.a.Controller - list built in {w.number(9000, 15000) if slow else w.number(10, 90)} ms",
        )
    for s in w.often(1000, 1600, 0.5):
        w.add(
            "assortment.log",
            s,
            f"{comma(s)} WARN  [http-nio-acceptor] o.a.t.u.t.ThreadPoolExecutor - all 200 threads are busy, queue holds {w.number(100, 999)} tasks",
        )
    for name in ("homepage", "listing"):
        for s in w.often(0, END, 1.5):
            bad = 1005 < s < 1605 and w.chance.random() < 0.7
            record(
                w,
                f"{name}.log",
                s,
                "error" if bad else "info",
                "assortment did not answer within 3000 ms" if bad else "page built",
                page=w.number(1, 50),
            )


def flag_breaks_search(w):
    """A flag, set at INFO in the log of flags, opens a path of code that fails."""
    record(w, "flags.log", 300, "info", "flag changed", flag="dark_mode", value=True, by="ann")
    record(w, "flags.log", 991, "info", "flag changed", flag="search.vector_ranker", value=True, by="bob")
    record(w, "flags.log", 1600, "info", "flag changed", flag="search.vector_ranker", value=False, by="bob")
    for s in w.often(0, END, 3):
        bad = 993 < s < 1600 and w.chance.random() < 0.5
        text = (
            f"query {w.id(32)} failed\nTraceback (most recent call last):\n  File \"/srv/search/rank.py\", line 77, in rank\n    return vectors[doc]\nKeyError: 'embedding'"
            if bad
            else f"query {w.id(32)} took {w.number(2, 40)} ms"
        )
        w.add("search.log", s, f"{comma(s)} {'ERROR' if bad else 'INFO'} search.api {text}")
        access(w, "edge-access.log", s + 0.01, f"GET /search?q={w.number(1, 999)}", 500 if bad else 200)


def limit_reloaded(w):
    """The gateway reloads its configuration with a limit of ten a second; customers are turned away."""
    w.add("gateway.log", 998, f"{iso(998)} [info] reloaded /etc/gw/limits.yml: rps_per_client 1000 -> 10")
    for s in w.often(0, END, 4):
        bad = 999 < s < 1500 and w.chance.random() < 0.7
        w.add(
            "gateway.log",
            s,
            f"{iso(s)} "
            + (
                f"[warn] client c{w.number(1, 40)} over its rate, turned away"
                if bad
                else f"[info] c{w.number(1, 40)} -> shop 200"
            ),
        )
        access(w, "edge.access.log", s, "POST /api/basket", 429 if bad else 200)
    for s in w.often(0, END, 1):
        bad = 1002 < s < 1500 and w.chance.random() < 0.6
        record(
            w,
            "mobile-bff.log",
            s,
            "error" if bad else "info",
            "429 from gateway" if bad else "screen served",
            screen=w.number(1, 20),
        )


def collector_pauses(w):
    """The heap of one service is full; it stands still for seconds, and only the collector's log says so."""
    for n, s in enumerate(w.often(0, 1000, 0.1)):
        w.add(
            "tariffs-gc.log",
            s,
            f"[{iso(s)}][info][gc] GC({n}) Pause Young (Normal) (G1 Evacuation Pause) {w.number(1800, 2200)}M->{w.number(600, 900)}M(4096M) {w.number(8, 40)}.{w.number(100, 999)}ms",
        )
    for n, s in enumerate(range(1000, 1700, 9)):
        w.add(
            "tariffs-gc.log",
            s,
            f"[{iso(s)}][info][gc] GC({900 + n}) Pause Full (G1 Compaction Pause) 4090M->4{w.number(10, 88):03}M(4096M) {w.number(7000, 8900)}.{w.number(100, 999)}ms",
        )
    routine(
        w, "tariffs.log", 2, lambda s: f"{comma(s)} INFO [main] Tariffs - price {w.number(1, 999)} computed", 0, 1000
    )
    for s in range(1009, 1700, 9):
        w.add("tariffs.log", s, f"{comma(s)} INFO [main] Tariffs - price {w.number(1, 999)} computed")
    routine(w, "tariffs.log", 2, lambda s: f"{comma(s)} INFO [main] Tariffs - price {w.number(1, 999)} computed", 1700)
    for name in ("quotes", "renewals"):
        for s in w.often(0, END, 1.5):
            bad = 1004 < s < 1700 and w.chance.random() < 0.7
            w.add(
                f"{name}.log",
                s,
                f"{iso(s)} {'ERR' if bad else 'INF'} {name}: "
                + ("tariffs: deadline exceeded" if bad else f"ok {w.number(1, 999)}"),
            )


def partner_throttles(w):
    """A partner outside answers 429; nothing of ours is broken."""
    for s in w.often(0, END, 2):
        bad = 1000 < s < 1800 and w.chance.random() < 0.8
        record(
            w,
            "sms-sender.log",
            s,
            "error" if bad else "info",
            "Vonalink API returned 429 Too Many Requests" if bad else "sms sent",
            to=f"+49{w.number(10**8, 10**9)}",
        )
    for s in w.often(0, END, 1):
        bad = 1004 < s < 1800 and w.chance.random() < 0.7
        w.add(
            "login.log",
            s,
            f"{comma(s)} [{'ERROR' if bad else 'INFO'}] login.code: "
            + ("code not delivered, sms-sender answered 502" if bad else f"code checked for u{w.number(1, 9999)}"),
        )


def disk_dies(w):
    """Sectors of the database's disk cannot be read; the kernel says so first, without a level."""
    for s in w.often(0, END, 0.03):
        syslog(w, "messages", s, "db4", "systemd[1]", f"Started Session {w.number(100, 999)} of user backup.")
    for s in w.often(1000, 1900, 0.1):
        syslog(
            w,
            "messages",
            s,
            "db4",
            "kernel",
            f"blk_update_request: I/O error, dev sdc, sector {w.number(10**6, 10**7)} op 0x0:(READ)",
        )
    for s in w.often(0, END, 0.05):
        w.add(
            "mariadb.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S} {w.number(10, 99)} [Note] Aborted connection {w.number(10, 99)} to db: 'crm' (Got timeout reading communication packets)",
        )
    for s in w.often(1002, 1900, 0.3):
        w.add(
            "mariadb.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S} 0 [ERROR] InnoDB: Operating system error number 5 in a file operation.",
        )
    for s in w.often(0, END, 2):
        bad = 1004 < s < 1900 and w.chance.random() < 0.5
        w.add(
            "crm.log",
            s,
            f"{comma(s)} {'ERROR' if bad else 'INFO'} crm.contacts - "
            + (
                f"(1030, 'Got error 168 from storage engine InnoDB') at contact {w.number(1, 9999)}"
                if bad
                else f"contact {w.number(1, 9999)} saved"
            ),
        )


def backup_hogs_database(w):
    """Cron starts a dump; the database is slow from then on and the shop gives up waiting."""
    for s in range(60, END, 300):
        syslog(
            w,
            "cron.log",
            s,
            "db2",
            f"CRON[{w.number(1000, 9000)}]",
            "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)",
        )
    syslog(w, "cron.log", 990, "db2", "CRON[7711]", "(postgres) CMD (/usr/local/bin/dump-all.sh)")
    for s in w.often(1000, 1700, 0.5):
        w.add(
            "postgres.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.{w.number(100, 999)} UTC [{w.number(100, 999)}] shop@shop LOG:  duration: {w.number(6000, 30000)}.{w.number(100, 999)} ms  execute S_1: SELECT * FROM basket WHERE id = $1",
        )
    for s in w.often(0, END, 0.03):
        w.add(
            "postgres.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [77] LOG:  checkpoint complete: wrote {w.number(10, 900)} buffers",
        )
    for s in w.often(0, END, 2):
        bad = 1005 < s < 1700 and w.chance.random() < 0.5
        record(
            w,
            "shop.log",
            s,
            "error" if bad else "info",
            "canceling statement due to statement timeout" if bad else "basket loaded",
            db="postgres",
            basket=w.number(1, 9999),
        )


def poison_message(w):
    """One message kills the consumer each time it is delivered; what waits behind it is late."""
    for s in w.often(0, 1000, 2):
        w.add("label-printer.log", s, f"{comma(s)} INFO consumer - printed label {w.number(1, 99999)}")
    for s in range(1000, 1800, 6):
        w.add(
            "label-printer.log",
            s,
            f"{comma(s)} INFO consumer - took message 7c1fd2e0-11aa-4c0e-9a3e-5d1f0b7e9a10 (redelivered)",
        )
        w.add(
            "label-printer.log",
            s + 0.2,
            f'{comma(s + 0.2)} ERROR consumer - cannot decode message 7c1fd2e0-11aa-4c0e-9a3e-5d1f0b7e9a10, returning it\nTraceback (most recent call last):\n  File "/srv/labels/consume.py", line 30, in work\n    address = json.loads(body)["address"]\njson.decoder.JSONDecodeError: Unterminated string starting at: line 1 column 88 (char 87)',
        )
    for s in w.often(1810, END, 2):
        w.add("label-printer.log", s, f"{comma(s)} INFO consumer - printed label {w.number(1, 99999)}")
    for s in w.often(0, END, 1):
        bad = 1060 < s < 1830 and w.chance.random() < 0.7
        record(
            w,
            "warehouse.log",
            s,
            "warn" if bad else "info",
            "no label yet, parcel waits" if bad else "parcel handed over",
            parcel=w.number(1, 9999),
        )


def schema_changed(w):
    """One service is released and drops a field; another that reads it fails. The released one is content."""
    for s, text in (
        (200, "release reports 2026.18 done"),
        (985, "release accounts 2026.19 started"),
        (998, "release accounts 2026.19 done"),
    ):
        w.add("releases.log", s, f"{iso(s)} releaser: {text}")
    routine(
        w,
        "accounts.log",
        2,
        lambda s: f"{iso(s)} INFO accounts GET /v2/accounts/{w.number(1, 999)} 200 {w.number(1, 20)}ms",
    )
    for s in w.often(0, END, 2):
        bad = 999 < s < 1700
        w.add(
            "statements.log",
            s,
            f"{comma(s)} {'ERROR' if bad else 'INFO'} statements - "
            + (
                "statement failed: accounts sent no field 'iban'\nTraceback (most recent call last):\n  File \"/srv/statements/build.py\", line 12, in build\n    iban = account[\"iban\"]\nKeyError: 'iban'"
                if bad
                else f"statement {w.number(1, 9999)} built"
            ),
        )


def switch_fails(w):
    """A link of the core switch goes down, told at notice; two databases and their users lose each other."""
    for s in w.often(0, END, 0.02):
        syslog(
            w,
            "core-switch.log",
            s,
            "sw-core-1",
            "%SYS-6-LOGOUT",
            f"User netops has exited tty session {w.number(1, 9)}(192.0.2.9)",
        )
    syslog(
        w,
        "core-switch.log",
        1000,
        "sw-core-1",
        "%LINEPROTO-5-UPDOWN",
        "Line protocol on Interface Ethernet1/49, changed state to down",
    )
    syslog(
        w,
        "core-switch.log",
        1700,
        "sw-core-1",
        "%LINEPROTO-5-UPDOWN",
        "Line protocol on Interface Ethernet1/49, changed state to up",
    )
    for name, other in (("east-db", "west-db"), ("west-db", "east-db")):
        for s in w.often(0, END, 0.5):
            bad = 1003 < s < 1700
            record(
                w,
                f"{name}.log",
                s,
                "error" if bad else "info",
                f"heartbeat to {other} lost" if bad else "heartbeat ok",
                term=w.number(1, 3),
            )
    for s in w.often(0, END, 2):
        bad = 1006 < s < 1700 and w.chance.random() < 0.6
        w.add(
            "ordering.log",
            s,
            f"{comma(s)} {'ERROR' if bad else 'INFO'} ordering - "
            + ("no quorum, order refused" if bad else f"order {w.number(1, 9999)} stored"),
        )


def leaking_release(w):
    """After a release connections are not given back; ten minutes later none is left."""
    for s, text in ((895, "Deploying tickets build 771 to prod"), (905, "Deployed tickets build 771")):
        w.add("deploys.log", s, f"{iso(s)} {text}")
    for n, s in enumerate(range(0, END, 15)):
        leaked = min(40, max(0, (s - 905) // 10)) if s < 1900 else 0
        w.add(
            "tickets.log",
            s,
            f"{comma(s)} DEBUG [pool-housekeeper] Pool stats (total={40}, active={min(40, 2 + leaked + n % 2)}, idle={max(0, 38 - leaked)}, waiting=0)",
        )
    for s in w.often(0, END, 2):
        bad = 1310 < s < 1900 and w.chance.random() < 0.8
        w.add(
            "tickets.log",
            s,
            f"{comma(s)} {'ERROR' if bad else 'INFO '} [http-{w.number(1, 9)}] TicketResource - "
            + (
                "sale failed\njava.sql.SQLTransientConnectionException: tickets-pool - Connection is not available, request timed out after 30000ms.\n\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)\n\tat com.acme.tickets.SaleDao.insert(SaleDao.java:40)"
                if bad
                else f"ticket {w.number(1, 9999)} sold"
            ),
        )
    for s in w.often(0, END, 1):
        bad = 1312 < s < 1900 and w.chance.random() < 0.7
        record(
            w,
            "kiosk.log",
            s,
            "error" if bad else "info",
            "tickets answered 500" if bad else "sold",
            kiosk=w.number(1, 30),
        )


def deadlocks(w):
    """A batch of repricing meets the shop in the same rows; the database ends one of each two."""
    w.add("batch.log", 900, f"{iso(900)} INFO scheduler: next run of repricing at 09:16:35")
    w.add("batch.log", 995, f"{iso(995)} INFO scheduler: starting job repricing (all products)")
    w.add("batch.log", 1700, f"{iso(1700)} INFO scheduler: job repricing finished")
    for s in w.often(0, END, 0.03):
        w.add(
            "pgmain.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [77] LOG:  checkpoint complete: wrote {w.number(10, 900)} buffers",
        )
    for s in w.often(1000, 1700, 0.4):
        head = f"{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [{w.number(200, 300)}] shop@shop "
        w.add(
            "pgmain.log",
            s,
            f"{head}ERROR:  deadlock detected\n{head}DETAIL:  Process 211 waits for ShareLock on transaction {w.number(1000, 9999)}; blocked by process 244.\n{head}STATEMENT:  UPDATE product SET stock = stock - 1 WHERE id = {w.number(1, 99)}",
        )
    for s in w.often(0, END, 2):
        bad = 1001 < s < 1700 and w.chance.random() < 0.2
        record(
            w,
            "stock.log",
            s,
            "error" if bad else "info",
            "reservation rolled back: deadlock detected" if bad else "reserved",
            sku=w.number(1, 99),
        )


def two_at_once(w):
    """Search loses its index node; half an hour's worth later mail is refused. They have nothing in common."""
    for s in w.often(0, END, 2):
        bad = 700 < s < 1100 and w.chance.random() < 0.7
        record(
            w,
            "finder.log",
            s,
            "error" if bad else "info",
            "shard 3 unassigned: node idx-2 left the cluster" if bad else "found",
            hits=w.number(0, 90),
        )
        if w.chance.random() < 0.5:
            record(
                w,
                "suggest.log",
                s + 0.05,
                "error" if bad else "info",
                "finder answered 503" if bad else "suggested",
                n=w.number(1, 9),
            )
    for s in w.often(0, END, 1):
        bad = 1800 < s < 2150 and w.chance.random() < 0.8
        w.add(
            "postman.log",
            s,
            f"{comma(s)} {'ERROR' if bad else 'INFO'} postman - "
            + ("535 5.7.8 authentication failed: password expired" if bad else f"mail {w.number(1, 9999)} accepted"),
        )


def begins_inside(w):
    """The logs begin when it has long begun; nothing normal is in view."""
    for s in w.often(0, 600, 0.5):
        w.add(
            "ledger-db.log",
            s,
            f'{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [{w.number(200, 300)}] PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
        )
    for name in ("books", "payout"):
        for s in w.often(0, 600, 1):
            w.add(f"{name}.log", s, f"{comma(s)} ERROR {name} - connection to ledger-db refused")


def node_in_maintenance(w):
    """Somebody drains a broker's node, told at INFO; its users lose their channels."""
    for s in w.often(0, END, 0.1):
        w.add(
            "mq2.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S.000000}+00:00 [info] <0.{w.number(100, 999)}.0> accepting AMQP connection 10.0.0.{w.number(2, 90)}:{w.number(30000, 60000)} -> 10.0.0.9:5672",
        )
    w.add(
        "mq2.log",
        1000,
        f"{at(1000):%Y-%m-%d %H:%M:%S.000000}+00:00 [info] <0.771.0> This node is being put into maintenance (drain) mode",
    )
    for name in ("tracking", "notify"):
        for s in w.often(0, END, 1.5):
            bad = 1001 < s < 1700 and w.chance.random() < 0.8
            record(
                w,
                f"{name}.log",
                s,
                "error" if bad else "info",
                "publish failed: channel closed by mq2" if bad else "published",
                seq=w.number(1, 9999),
            )


def killed_by_kernel(w):
    """The kernel kills a service for memory; it says nothing more until it is back."""
    for s in w.often(0, END, 0.02):
        syslog(
            w,
            "kernel.log",
            s,
            "app6",
            "kernel",
            f"[{s + 5000:.6f}] perf: interrupt took too long ({w.number(2500, 9000)} > 2500), lowering kernel.perf_event_max_sample_rate",
        )
    syslog(
        w,
        "kernel.log",
        1000,
        "app6",
        "kernel",
        "[6000.112233] Out of memory: Killed process 4211 (thumbnailer) total-vm:9123456kB, anon-rss:7999888kB, file-rss:0kB",
    )
    routine(
        w, "thumbnailer.log", 2, lambda s: f"{comma(s)} INFO thumbnailer - resized {w.number(1, 9999)}.jpg", 0, 1000
    )
    w.add("thumbnailer.log", 1650, f"{comma(1650)} INFO thumbnailer - starting, version 3.9")
    routine(w, "thumbnailer.log", 2, lambda s: f"{comma(s)} INFO thumbnailer - resized {w.number(1, 9999)}.jpg", 1655)
    for s in w.often(0, END, 2):
        bad = 1001 < s < 1655 and w.chance.random() < 0.8
        record(
            w,
            "gallery.log",
            s,
            "error" if bad else "info",
            "connect ECONNREFUSED 10.0.0.6:7300 (thumbnailer)" if bad else "gallery shown",
            album=w.number(1, 999),
        )


def in_another_language(w):
    """The lines are German: what they say is not understood, but who is new, who is first and who is named is."""
    for s in w.often(0, END, 0.2):
        w.add("lagerdb.log", s, f"{at(s):%Y-%m-%d %H:%M:%S} HINWEIS: Sicherungspunkt {w.number(1, 999)} geschrieben")
    for s in (1000.5, *w.often(1002, 1700, 0.2)):
        w.add(
            "lagerdb.log",
            s,
            f"{at(s):%Y-%m-%d %H:%M:%S} FEHLER: kein Speicherplatz mehr auf Datentraeger {w.number(1, 4)}",
        )
    for name in ("bestellung", "versand"):
        for s in w.often(0, END, 1.5):
            bad = 1003 < s < 1700 and w.chance.random() < 0.7
            w.add(
                f"{name}.log",
                s,
                f"{comma(s)} {'ERROR' if bad else 'INFO'} {name} - "
                + (
                    f"Anfrage an lagerdb fehlgeschlagen ({w.number(1, 999)})"
                    if bad
                    else f"Vorgang {w.number(1, 999)} erledigt"
                ),
            )


CASES = {
    broker_disk_full: ({"broker-2", "kafka"}, "No space left on device", None),
    dns_gone: ({"syslog", "dns", "systemd-resolved"}, "", None),
    crash_loop: ({"matcher"}, "emory", None),
    conntrack_full: ({"kern"}, "table full", None),
    clock_jump: ({"chrony"}, "clock", None),
    replica_lags: ({"pg-standby", "postgres"}, "WAL", None),
    threads_starve: ({"assortment"}, "threads are busy", None),
    flag_breaks_search: ({"search"}, "KeyError: 'embedding'", "flag changed"),
    limit_reloaded: ({"gateway"}, "over its rate", "rps_per_client 1000 -> 10"),
    collector_pauses: ({"tariffs", "tariffs-gc"}, "", None),
    partner_throttles: ({"vonalink"}, "429", None),
    disk_dies: ({"messages", "kernel"}, "I/O error", None),
    backup_hogs_database: ({"postgres"}, "", "dump-all.sh"),
    poison_message: ({"label-printer"}, "JSONDecodeError", None),
    schema_changed: ({"statements", "accounts"}, "iban", "release accounts 2026.19"),
    switch_fails: ({"core-switch"}, "changed state to down", None),
    leaking_release: ({"tickets"}, "Connection is not available", "tickets build 771"),
    deadlocks: ({"pgmain"}, "deadlock detected", "repricing"),
    two_at_once: ({"finder", "idx-2"}, "shard 3 unassigned", None),
    begins_inside: ({"ledger-db"}, "No space left on device", None),
    node_in_maintenance: ({"mq2"}, "", None),
    killed_by_kernel: ({"thumbnailer", "kernel"}, "Killed process", None),
    in_another_language: ({"lagerdb"}, "Speicherplatz", None),
}
"""Who may be named, words that say why (empty where only who counts), and what set it off (None: not judged)."""
