"""What set it off: a change that speaks of the failing node is linked by name, one behind the cause is no trigger."""

import numpy as np
import pytest

from logscope.analysis.causes.links import writes_settings_of
from logscope.model.causes import Link
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import comma, iso
from tests.judged import judge_small

BEGIN = 1_772_460_000
ONSET = 600


def stamp(second):
    return f"{np.datetime64(BEGIN + second, 's')}Z"


def judge(folder, failure, changes):
    """A service that fails from ten minutes on, one that calls it, and a log of changes with one heartbeat a minute."""
    for name, said in (("ledger", failure), ("front", "ledger answered 500")):
        lines = [f"{stamp(n)} {f'ERROR {said}' if n >= ONSET else 'INFO posted'}" for n in range(900)]
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    events = sorted([(n, "INFO lease renewed") for n in range(0, 900, 60)] + changes)
    (folder / "events.log").write_text("\n".join(f"{stamp(n)} {text}" for n, text in events) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


@pytest.mark.parametrize(
    ("failure", "change"),
    [
        ('password authentication failed for user "books"', "INFO credential rotated username=books"),
        ('password authentication failed for user "books"', 'INFO secret rotated msg="done" path=static/books-rw'),
        ("body is too large", "INFO template[/etc/ledger/limits.conf] updated file contents (checksum 8e1f0 -> 41bb7)"),
        ("cannot parse LEDGER_SHARDS: invalid syntax", "INFO applied revision a1b2 changed=ConfigMap/shop/ledger-env"),
    ],
)
def test_a_change_of_what_the_failing_lines_quote_is_linked_by_name(tmp_path, failure, change):
    """The user that is refused, or a name that is made of the failing service's."""
    trigger = judge(tmp_path, failure, [(ONSET - 8, change)]).candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + ONSET - 8) * 1_000_000, Link.NAMED)


def test_a_tool_that_reloads_a_server_is_told_by_what_it_wrote_before(tmp_path):
    """The reload is what the server noticed; the file that was written in the same run is what has to be undone."""
    diff = "INFO File changed:\n--- \n+++ \n@@ -1 +1 @@\n-timeout 30;\n+timeout 0;"
    changes = [(ONSET - 9, diff), (ONSET - 8, "INFO service ledger reloaded")]
    trigger = judge(tmp_path, "deadline of 0 s exceeded", changes).candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + ONSET - 9) * 1_000_000, Link.NAMED)
    assert "timeout 0" in trigger.sample


def test_a_server_that_was_restarted_is_told_by_who_wrote_its_settings(tmp_path):
    """That it stopped is what its own log shows; the file that a tool wrote a second before has to be undone."""
    written = (ONSET - 5, "INFO template[/etc/ledger/ledger.conf] updated file contents (checksum 8e1f0 -> 41bb7)")
    events = [written, (ONSET - 3, "INFO service ledger restarted")]
    trigger = judge(tmp_path, "no slot is free", events).candidates[0].trigger
    assert trigger is not None
    assert trigger.time == (BEGIN + ONSET - 5) * 1_000_000


def test_of_what_is_told_in_one_moment_counts_what_names_the_failing_host(tmp_path):
    """A name server is told to reload and loads a zone: the zone of the host that cannot be reached is the change."""
    failure = "posting not sent: api.osprey.lan: [Errno 111] Connection refused"
    for name in ("ledger", "front"):
        lines = [f"{stamp(n)} {f'ERROR {failure}' if n >= ONSET else 'INFO posted'}" for n in range(900)]
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n")
    told = [(n, "general: info: sizing zone task pool based on 2 zones") for n in range(0, 540, 60)]
    told.append((ONSET - 2, "general: info: received SIGHUP signal to reload zones"))
    told.append((ONSET - 2, "zoneload: info: zone osprey.lan/IN: loaded serial 2026030202"))
    rows = [f"{np.datetime64(BEGIN + n, 's').item():%d-%b-%Y %H:%M:%S}.000 {text}" for n, text in told]
    (tmp_path / "named.log").write_text("\n".join(rows) + "\n")
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert top.service == "osprey"
    assert top.trigger is not None
    assert (top.trigger.link, "osprey.lan" in top.trigger.text) == (Link.NAMED, True)


def test_what_a_server_measures_as_it_breaks_was_done_by_nobody(tmp_path):
    """`room on /data is 93, less than 100` and that it writes no more are one event: there is nothing to undo."""
    lines = []
    for n in range(900):
        lines.append(f"{stamp(n)[:-1]}.100Z {'ERROR ledger answered 500' if n >= ONSET else 'INFO posted'}")
    (tmp_path / "front.log").write_text("\n".join(lines) + "\n")
    own = [f"{stamp(n)[:-1]}.050Z INFO kept {n}" for n in range(0, ONSET - 1)]
    own.append(f"{stamp(ONSET)[:-1]}.020Z INFO room on volume /data is 93 MB, and 100 MB are to be left")
    own += [f"{stamp(n)[:-1]}.023Z ERROR disk full, nothing is kept" for n in range(ONSET, 900)]
    (tmp_path / "ledger.log").write_text("\n".join(own) + "\n")
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert (top.service, top.trigger) == ("ledger", None)


def test_a_change_of_somebody_else_is_linked_by_time_only(tmp_path):
    """A quoted name that the failing lines do not hold ties it to nothing."""
    change = (ONSET - 8, "INFO credential rotated username=wiki")
    trigger = judge(tmp_path, 'password authentication failed for user "books"', [change]).candidates[0].trigger
    assert trigger is not None
    assert trigger.link is Link.TIME


def test_what_holds_an_unusual_word_of_the_failing_lines_is_linked_by_name(tmp_path):
    """No field quotes it, and no service is called so: `zorbek` stands in both, and is no everyday word."""
    changes = [(ONSET - 9, "INFO /etc/zorbek/zorbek.key content changed"), (ONSET - 4, "INFO wiki config reloaded")]
    trigger = judge(tmp_path, "Zorbek refused: invalid signature", changes).candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + ONSET - 9) * 1_000_000, Link.NAMED)


def test_what_stands_behind_the_failing_line_in_its_own_log_set_nothing_off(tmp_path):
    """Stamps of whole seconds do not tell the order of two lines of one log; their places do."""
    lines = [f"{stamp(n)} INFO posted {n}" for n in range(ONSET)]
    lines += [f"{stamp(ONSET)} ERROR prefix limit exceeded", f"{stamp(ONSET)} NOTICE neighbour wren went away"]
    lines += [f"{stamp(n)} ERROR prefix limit exceeded" for n in range(ONSET + 1, 900)]
    (tmp_path / "router.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    assert run_batch(asked, open_request(asked)).candidates[0].trigger is None


def test_a_release_of_the_failing_service_an_hour_ago_is_told_where_nothing_is_nearer(tmp_path):
    """A leak takes its time; the release of another service is none of it."""
    for name, said in (("ledger", "connection pool exhausted"), ("front", "ledger answered 500")):
        lines = [f"{stamp(n)} {f'ERROR {said}' if n >= 5400 else 'INFO posted'}" for n in range(0, 6000, 2)]
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n")
    events = [f"{stamp(n)} INFO deployed {name} version=1.{n}" for n, name in ((1500, "ledger"), (2100, "wiki"))]
    (tmp_path / "events.log").write_text("\n".join(events) + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + 1500) * 1_000_000, Link.NAMED)


def test_the_fault_of_a_device_moments_before_is_what_set_it_off(tmp_path):
    """A kernel that loses a device tells of no change; by time it is nearer than a new line of its own log."""
    lines = [f"{stamp(n)} kernel: audit: type=1400 pid={n}" for n in range(0, 900, 9)]
    lines += [f"{stamp(ONSET - 2)} kernel: NVRM: {text}" for text in ("GPU at 3b", "GPU has fallen off the bus.")]
    (tmp_path / "kern.log").write_text("\n".join(sorted(lines, key=lambda line: line[:20])) + "\n")
    trigger = judge(tmp_path, "fatal: unspecified launch failure", []).candidates[0].trigger
    assert trigger is not None
    assert "fallen off" in trigger.text
    assert trigger.link is Link.TIME


def test_an_alteration_is_of_whom_its_other_words_name(tmp_path):
    """No word of change is in it, but a value beside the former one; `on ledger` says whose it is."""
    changes = [(100, "INFO limit 4 -> 400 on ledger")]
    trigger = judge(tmp_path, "too many open cursors", changes).candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + 100) * 1_000_000, Link.NAMED)


def test_what_a_server_tells_of_its_settings_while_it_starts_set_nothing_off(tmp_path):
    """It takes twelve seconds and a hundred lines until it is ready: its settings are where its log begins."""
    lines = [f"{stamp(n // 10)} INFO ledger: step {n} done" for n in range(110)]
    lines += [f"{stamp(8)} INFO ledger: memory limit set to 9642 MiB", f"{stamp(11)} INFO ledger started successfully"]
    lines = sorted(lines, key=lambda line: line[:20])
    lines += [f"{stamp(n)} {'ERROR disk full' if n >= 90 else 'INFO posted'}" for n in range(12, 300)]
    (tmp_path / "ledger.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    assert run_batch(asked, open_request(asked)).candidates[0].trigger is None


def test_who_takes_over_did_not_set_off_the_fall(tmp_path):
    """The change of roles a second behind the failure, in another log, is what came of it."""
    changes = [(ONSET + 1, "INFO replica promoted, new master for ledger")]
    assert judge(tmp_path, "no space left on device", changes).candidates[0].trigger is None


def test_the_change_with_which_a_number_left_its_normal_set_it_off_by_number(tmp_path):
    """A flag is set, a queue begins to fill, and five minutes later somebody fails: nothing else ties the two."""
    depths = [
        f"{stamp(n)} INFO queue.Gauge - depth={5 + n % 4 if n < 302 else 9 * (n - 300)}" for n in range(0, 900, 3)
    ]
    (tmp_path / "queue.log").write_text("\n".join(depths) + "\n")
    snapshot = judge(tmp_path, "letter not delivered in time", [(300, "INFO feature flag inline-pdf enabled by wren")])
    top = snapshot.candidates[0]
    assert (top.service, top.trigger is not None) == ("ledger", True)
    assert (top.trigger.time, top.trigger.link) == ((BEGIN + 300) * 1_000_000, Link.NUMBER)
    assert any(one.kind == "number" and "depth" in one.text for one in top.evidence)
    assert "by number" in snapshot.sentences[2].text


def test_who_meets_the_same_full_disk_did_not_fill_it(tmp_path):
    """A job that began half a minute before fails on the same disk: its begin set it off, not its failure."""
    lines = [f"{stamp(n)} INFO idle" for n in range(0, 900, 30) if not ONSET - 30 < n < ONSET + 30]
    lines += [
        f"{stamp(ONSET - 26)} INFO archive job started",
        f"{stamp(ONSET - 1)} ERROR write: no space left on device",
    ]
    (tmp_path / "archive.log").write_text("\n".join(sorted(lines)) + "\n")
    trigger = judge(tmp_path, "batch not stored: no space left on device", []).candidates[0].trigger
    assert trigger is not None
    assert "started" in trigger.text


def test_behind_a_reload_stands_who_wrote_the_settings(tmp_path):
    """A server that takes over its settings altered nothing; the file of another one's says nothing of it."""
    changes = [
        (ONSET - 3, "INFO replaced /etc/ledger/users.conf"),
        (ONSET - 2, "INFO replaced /etc/wiki/users.conf"),
    ]
    lines = [f"{stamp(n)} INFO posted" for n in range(0, ONSET - 1)]
    lines += [f"{stamp(ONSET - 1)} INFO Reloading config."]
    lines += [f"{stamp(n)} ERROR client refused: not authorised" for n in range(ONSET, 900)]
    (tmp_path / "ledger.log").write_text("\n".join(lines) + "\n")
    (tmp_path / "events.log").write_text("\n".join(f"{stamp(n)} {text}" for n, text in changes) + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert trigger.text == "replaced /etc/ledger/users.conf"


def test_what_is_only_looked_at_sets_nothing_off(tmp_path):
    """Of a tool that validates its migrations before it runs one, the running is told."""
    changes = [
        (ONSET - 5, "INFO Successfully validated 41 migrations (execution time 00:00.033s)"),
        (ONSET - 4, 'INFO Migrating schema `books` to version "41 - add channel"'),
    ]
    trigger = judge(tmp_path, "statement cancelled after 2000 ms", changes).candidates[0].trigger
    assert trigger is not None
    assert "Migrating" in trigger.text


def test_a_fault_that_led_up_to_it_in_the_same_log_set_it_off(tmp_path):
    """An archive that fails for two minutes fills the disk: what broke is the disk, what led there is the archive."""
    said = [(n, "LOG:  archive command failed with exit code 103") for n in range(ONSET - 120, ONSET + 20, 10)]
    said += [(n, "LOG:  checkpoint complete: wrote 9 buffers") for n in range(0, ONSET - 120, 30)]
    full = 'PANIC:  could not write to file "pg_wal/xlogtemp.22": No space left on device'
    said += [(n, full) for n in range(ONSET, ONSET + 60, 5)]
    lines = [f"{stamp(n).replace('T', ' ').rstrip('Z')}.000 UTC [31] {text}" for n, text in sorted(said)]
    (tmp_path / "postgresql.log").write_text("\n".join(lines) + "\n")
    web = [f"{stamp(n)} {'ERROR no answer from database' if n >= ONSET + 5 else 'INFO page'}" for n in range(900)]
    (tmp_path / "web.log").write_text("\n".join(web) + "\n")
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert "No space left on device" in top.headline
    assert top.trigger is not None
    assert "archive command failed" in top.trigger.text
    assert top.trigger.time == (BEGIN + ONSET - 120) * 1_000_000


PUPPET = "/Stage[main]/Edge/File[/etc/{}]/content: content changed {{md5}}41ab to {{md5}}9c07"


@pytest.mark.parametrize(
    ("sample", "name", "is_its"),
    [
        (PUPPET.format("nginx/conf.d/upstreams.conf"), "nginx", True),
        ("/Stage[main]/Edge/File[/etc/nginx/conf.d/limits.conf]/content (notice): content changed", "nginx", True),
        (PUPPET.format("php/8.2/fpm/pool.d/www.conf"), "php-fpm", True),
        (PUPPET.format("php/8.2/cli/php.ini"), "php-fpm", False),
        ("File[/etc/nginx/conf.d/a.conf]/content: not changed", "nginx", False),
        ("template[/etc/haproxy/haproxy.cfg] updated file contents", "haproxy", True),
        ("changed: [edge-1] => (item=haproxy.cfg)", "haproxy", True),
        ("changed: [edge-1] => (item=logrotate.conf)", "haproxy", False),
        ("applied edge/haproxy.cfg of commit 7f0c2ab", "haproxy", True),
    ],
)
def test_a_file_of_settings_is_its_whose_folder_it_lies_in(sample, name, is_its):
    """What Puppet and Chef write tells by its path whose settings are other ones since."""
    assert writes_settings_of(sample, {name}) is is_its


def test_a_host_that_both_lines_name_links_a_change():
    """A record of names is altered and its host's certificate then refused: linked by the host's name, not by time."""

    def moved_record(w):
        for second, way in (
            (600, "old=CNAME:a.cdn.test new=CNAME:b.cdn.test"),
            (1000, "old=b.cdn.test new=a.cdn.test"),
        ):
            w.add("ops.log", second, f"{iso(second)} user=mira action=dns.update record=pay.partner.test {way}")
        for s in w.often(0, 1500, 0.05):
            w.add("ops.log", s, f"{iso(s)} user=ci action=login result=ok")
        for s in w.often(0, 1500, 2):
            told = "Certificate for <pay.partner.test> doesn't match any of the subject alternative names: [b.cdn.test]"
            is_bad = 640 < s < 1040
            w.add(
                "pay.log", s, f"{comma(s)} {f'ERROR SSLPeerUnverifiedException: {told}' if is_bad else 'INFO charged'}"
            )

    top = judge_small(moved_record).candidates[0]
    assert top.service == "pay"
    assert top.trigger is not None
    assert (top.trigger.service, top.trigger.link) == ("ops", Link.NAMED)


def test_who_could_not_prepare_what_is_missing_set_it_off(tmp_path):
    """A job that fails nobody says once that it could not make a part of the table of which a part is missing."""
    warned = [(560, "WARN could not create partition readings_h08: lock not obtained within 5s")]
    found = judge(tmp_path, 'no partition of relation "readings" found for row', warned).candidates[0].trigger
    assert found is not None
    assert "readings_h08" in found.text
    assert found.link is Link.NAMED
    other = [(560, "WARN could not create thumbnail of sheet 8: lock not obtained within 5s")]
    assert judge(tmp_path, 'no partition of relation "readings" found for row', other).candidates[0].trigger is None


def _one_release_of_many(w):
    """A release log holds those of everybody; the last one breaks what only others tell of."""
    for s in w.often(0, 400, 5):
        failed = s > 302
        w.add("front.log", s, f"{iso(s)} {'ERROR page not shown: no answer' if failed else 'INFO page shown'}")
    for s, text in ((40, "service=manual version=1.1.8"), (300, "service=pages version=4.18.0")):
        w.add("rollout.log", s, f"{comma(s)} INFO deployed {text}")


def test_a_release_is_not_set_off_by_another_one():
    """Where the release itself is what began it, the one before it in the same log is nothing but that."""
    top = judge_small(_one_release_of_many).candidates[0]
    assert "4.18.0" in top.headline
    assert top.trigger is None


def test_the_change_with_which_a_disk_began_to_fill_set_it_off_by_number(tmp_path):
    """A share that stood still, rose, and reached its limit: what was altered as it began to rise."""
    used = [f"{stamp(n)} INFO disk.Gauge - used_pct={min(100, 40 + max(0, n - 200) // 6)}" for n in range(0, 900, 9)]
    (tmp_path / "disk.log").write_text("\n".join(used) + "\n")
    top = judge(tmp_path, "cannot keep the entry: no space left on device", [(199, "INFO level set to trace by wren")])
    trigger = top.candidates[0].trigger
    assert trigger is not None
    assert (trigger.time, trigger.link) == ((BEGIN + 199) * 1_000_000, Link.NUMBER)


@pytest.mark.parametrize(
    ("change", "is_linked"),
    [
        ("INFO weekly copy of everything to /var/lib/books/copy started, backup 9", True),
        ("INFO weekly copy of everything to /var/lib/wiki/copy started, backup 9", False),
        ("INFO /usr/bin/tar: weekly backup started", False),
    ],
)
def test_who_writes_below_the_place_that_is_full_is_linked_by_name(tmp_path, change, is_linked):
    """The folder of one lies within the other's; what all hosts have in common ties nobody."""
    failure = "cannot write /var/lib/books: no space left on device (asked by /usr/bin/ledger)"
    trigger = judge(tmp_path, failure, [(ONSET - 400, change)]).candidates[0].trigger
    assert (trigger is not None and trigger.link is Link.NAMED) == is_linked


def test_a_rotated_role_that_is_called_after_who_is_refused_is_linked_by_name(tmp_path):
    """No field holds it: the name stands in the sentence."""
    failure = 'password authentication failed for user "reader"'
    trigger = (
        judge(tmp_path, failure, [(ONSET - 3, "INFO rotated role ledger-ro, next in 30 days")]).candidates[0].trigger
    )
    assert trigger is not None
    assert trigger.link is Link.NAMED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(-40, "INFO key /rules/zoning set to strict"), (-9, "INFO key /rules/tides set to strict")], -9),
        ([(-40, "INFO p=31 u=deploy n=ansible | ok: [edge1]")], None),
        ([(-25, "INFO ledger: build 12 replaces build 11")], -25),
    ],
)
def test_another_change_of_the_same_kind_is_no_step_of_it(tmp_path, changes, expected):
    """What was set half a minute before is another thing; what a tool found as it should be is no change at all."""
    changes = [(ONSET + ago, text) for ago, text in changes]
    trigger = judge(tmp_path, "cannot balance the books", changes).candidates[0].trigger
    assert (trigger and trigger.time) == (None if expected is None else (BEGIN + ONSET + expected) * 1_000_000)


def test_what_a_process_writes_when_it_dies_set_nothing_off(tmp_path):
    """Its state, its regions and its stack come in the second of its last words: all of them are one event."""
    dump = ["<--- region map --->", "task 4 heap: start 0x1a2b, end 0x1f00", "<--- frames --->", "12: walk(tree)"]
    lines = [f"{stamp(n)} INFO posted {n}" for n in range(ONSET)]
    for n in range(ONSET, 900, 40):
        lines += [f"{stamp(n)} {text}" for text in dump]
        lines += [f"{stamp(n)} FATAL ledger: out of memory", *(f"{stamp(n + k)} INFO posted {k}" for k in range(5, 30))]
    (tmp_path / "ledger.log").write_text("\n".join(lines) + "\n")
    events = [(n, "lease renewed") for n in range(0, 900, 60)] + [(ONSET - 15, "key /rules/tides set to strict")]
    (tmp_path / "keys.log").write_text("\n".join(f"{stamp(n)} INFO {text}" for n, text in sorted(events)) + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert "tides" in trigger.text


def test_who_released_is_told_in_a_stream_too(tmp_path):
    """All services and the deployer write to one file: what the deployer says is another one's word all the same."""
    said = []
    for n in range(900):
        said.append((n, "kiosk", "ERROR invalid configuration of tile 9" if n >= ONSET else "INFO page shown"))
        said.append((n, "tiles", "INFO tile drawn"))
    said += [(n, "roller", "INFO nothing to do") for n in range(0, 900, 30)]
    said += [
        (ONSET - 3, "roller", "INFO tiles 4.0.0 installed (was 3.9.1), tiles restarted"),
        (ONSET - 2, "tiles", "INFO tiles 4.0.0 is up"),
        (1, "tiles", "INFO tiles 3.9.1 is up"),
    ]
    text = "\n".join(f"{service}-1  | {stamp(n)} {line}" for n, service, line in sorted(said))
    (tmp_path / "all.log").write_text(text + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert "installed (was 3.9.1)" in trigger.text


def test_behind_what_a_balancer_tells_of_its_servers_stands_who_did_it(tmp_path):
    """It tells of each in the moment in which a tool says that it does that: the tool is to be stopped."""
    lines = [f"{stamp(n)} INFO route served in {n % 7} ms" for n in range(ONSET)]
    patch = [f"{stamp(n)} INFO nothing to patch" for n in range(0, 500, 50)]
    for k, name in enumerate(("kiosk-1", "kiosk-2", "kiosk-3")):
        n = ONSET - 40 + 20 * k
        patch.append(f"{stamp(n)} INFO {name}: set to maintenance before it is patched")
        lines.append(f"{stamp(n)} WARN server {name} enters maintenance, {2 - k} left")
    lines += [f"{stamp(n)} ERROR backend kiosk has no server available" for n in range(ONSET, 900)]
    (tmp_path / "balancer.log").write_text("\n".join(sorted(lines)) + "\n")
    (tmp_path / "patcher.log").write_text("\n".join(sorted(patch)) + "\n")
    for name in ("kiosk-1", "kiosk-2", "kiosk-3"):
        served = [f"{stamp(n)} INFO page shown" for n in range(0, ONSET, 3)]
        (tmp_path / f"{name}.log").write_text("\n".join(served) + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert (trigger.service, trigger.link) == ("patcher", Link.NAMED)


def test_who_altered_how_it_calls_another_one_is_to_look_at_its_own_settings(tmp_path):
    """Fees answer as before, and nobody else complains: the caller allows them 15 ms since a moment ago."""
    settings = {
        2: "fees.wait=2000 fees.tries=2",
        300: "fees.wait=2000 fees.tries=3",
        ONSET: "fees.wait=15 fees.tries=3",
    }
    lines = []
    for n in range(900):
        if n in settings:
            lines.append(f"{stamp(n)} INFO settings read again: {settings[n]}")
        fails = n >= ONSET and n % 3
        lines.append(f"{stamp(n)} {'ERROR no answer from fees in time' if fails else 'INFO sum computed'}")
    (tmp_path / "kiosk.log").write_text("\n".join(lines) + "\n")
    (tmp_path / "fees.log").write_text("".join(f"{stamp(n)} INFO fee of {n % 9} told\n" for n in range(900)))
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert (top.service, top.headline) == ("kiosk", "no answer from fees in time")
    assert top.trigger is not None
    assert top.trigger.link is Link.NAMED
    assert top.trigger.text.endswith("(fees.wait=2000 before)")


def _release_behind_a_report(w):
    """The same, and a report that somebody began half a minute before."""
    _one_release_of_many(w)
    for s in range(0, 400, 7):
        w.add("margins.log", s, f"{comma(s)} INFO margin page {s} read")
    for s in (150, 262):
        w.add("margins.log", s, f"{comma(s)} INFO report of month {s % 12} started")


def test_a_change_that_is_the_cause_is_not_set_off_by_what_merely_came_before():
    """Nothing but the time ties a job to a release, and the release is what is to be undone."""
    top = judge_small(_release_behind_a_report).candidates[0]
    assert "4.18.0" in top.headline
    assert top.trigger is None


def test_behind_a_start_in_a_new_version_stands_who_released_that_version(tmp_path):
    """Its log is not called like what was released: the version that both tell ties them, and its first step counts."""
    lines = [f"{stamp(n)} {'ERROR no space left on device' if n >= ONSET else 'INFO tide drawn'}" for n in range(900)]
    lines[1] = f"{stamp(1)} INFO tides 7.1 starting"
    lines[ONSET - 40] = f"{stamp(ONSET - 40)} INFO tides 7.2 starting"
    (tmp_path / "harbour-json.log").write_text("\n".join(lines) + "\n")
    steps = [
        f"{stamp(ONSET - 42)} stage rollout of version 7.2 RUNNING",
        f"{stamp(ONSET - 41)} stage checks of version 7.2 DONE",
    ]
    (tmp_path / "crane.log").write_text("\n".join([f"{stamp(9)} nothing to do", *steps]) + "\n")
    asked = Request([str(tmp_path)])
    trigger = run_batch(asked, open_request(asked)).candidates[0].trigger
    assert trigger is not None
    assert "rollout of version 7.2 RUNNING" in trigger.text


def test_a_change_in_words_that_no_lexicon_knows_is_not_set_off_by_another_one_of_its_log(tmp_path):
    """An address is given to another one, a minute behind one that has nothing to do with it."""
    lines = [f"{stamp(n)} {'ERROR answer is no list' if n >= ONSET else 'INFO tide drawn'}" for n in range(900)]
    (tmp_path / "harbour.log").write_text("\n".join(lines) + "\n")
    given = [(ONSET - 70, "A docs.int 10.0.0.60 -> 10.0.0.61"), (ONSET - 1, "A tides.int 10.0.0.51 -> 10.0.0.52")]
    (tmp_path / "names.log").write_text("".join(f"{stamp(n)} INFO {text}\n" for n, text in given))
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert "tides.int" in top.headline
    assert top.trigger is None
    assert not [one.text for one in top.evidence if "docs.int" in one.text]


def test_who_is_told_that_it_asks_too_much_asks_more_since_it_was_altered(tmp_path):
    """A partner without a log limits ledger, which was released a moment before; pond was released later still."""
    changes = [(ONSET - 20, "INFO deployed application=ledger"), (ONSET - 9, "INFO deployed application=pond")]
    judge(tmp_path, "rates not read: api.heron.example answered 429", changes)
    (tmp_path / "front.log").unlink()
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert (top.service, top.trigger.link) == ("heron", Link.NAMED)
    assert "ledger" in top.trigger.text
