"""Groups of `parse` are events: users, tenants and other names of many fold, words that make an event do not."""

import random
import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from logscope.ingest.signatures.signature import template_of_message
from logscope.ingest.signatures.variants import Variants

USERS = [
    "anna", "bob", "carla", "dmitri", "erik", "farida", "george", "hana", "ivan", "jill", "karim", "lena", "root",
    "admin", "oracle", "guest", "deploy", "nagios", "pi", "postgres",
]  # fmt: skip
DRAW = random.Random(7)


def fill(template: str) -> str:
    """A message with every mark replaced: `%u` a user, `%i` an address, `%p` a port, `%q` a lower one, `%n` a number,
    `%x` hex, `%t` a table, `%w` a word of no meaning, `%g` a UUID."""
    out = []
    for piece in template.split("%"):
        kind, rest = piece[:1], piece[1:]
        made = {
            "u": lambda: DRAW.choice(USERS),
            "i": lambda: ".".join(str(DRAW.randint(1, 254)) for _ in range(4)),
            "p": lambda: str(DRAW.randint(33_000, 60_999)),
            "q": lambda: str(DRAW.randint(12_000, 60_999)),
            "t": lambda: DRAW.choice(("orders", "billing", "catalog", "audit", "stock", "prices")),
            "n": lambda: str(DRAW.randint(0, 10 ** DRAW.randint(1, 6))),
            "x": lambda: f"{DRAW.getrandbits(48):012x}",
            "w": lambda: "".join(DRAW.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(DRAW.randint(4, 9))),
            "m": lambda: ":".join(f"{DRAW.getrandbits(8):02x}" for _ in range(6)),
            "d": lambda: f"{DRAW.choice(('Mon', 'Thu'))} Oct {DRAW.randint(1, 28):2} 0{DRAW.randint(1, 9)}:12:40 2026",
            "c": lambda: f"org.{DRAW.choice(USERS)}.{DRAW.choice(USERS)}/.{DRAW.choice(USERS).title()}Service",
            "h": lambda: f"{DRAW.choice(USERS)}.{DRAW.choice(USERS)}.example",
            "l": lambda: " ".join(f"node{DRAW.randint(1, 300)}" for _ in range(DRAW.randint(1, 9))),
            "a": lambda: DRAW.choice((fill("x%i")[1:], fill("x%h")[1:])),
            "o": lambda: DRAW.choice(("null", fill("x%w{%n}")[1:])),
            "s": lambda: DRAW.choice(("", fill("x%h")[1:])),
            "f": lambda: "".join(fill(" node%n 0x%x <ok>") for _ in range(DRAW.randint(1, 7))),
            "k": lambda: "".join(fill(" org.%w.%w.%w:%n") for _ in range(DRAW.randint(0, 7))),
            "b": lambda: ", ".join(f"blk_{DRAW.randint(-(10**9), 10**9)}" for _ in range(DRAW.randint(1, 5))),
            "e": lambda: ",".join(f"disk.{DRAW.randint(1, 30)}" for _ in range(DRAW.randint(1, 6))),
            "g": lambda: "-".join(f"{DRAW.getrandbits(4 * size):0{size}x}" for size in (8, 4, 4, 4, 12)),
        }.get(kind)
        out.append(made() + rest if made and out else piece)
    return "".join(out)


LOGS = {
    "hdfs": (
        "Receiving block blk_%n38291039%n src: /%i:%p dest: /%i:50010",
        "Receiving block blk_-%n38291039%n src: /%i:%p dest: /%i:50010",
        "PacketResponder %n for block blk_%n1938291039%n terminating",
        "BLOCK* NameSystem.addStoredBlock: blockMap updated: %i:50010 is added to blk_%n12839102%n size %n",
        "Deleting block blk_%n1239102931%n file /mnt/hadoop/dfs/data/current/subdir%n/blk_%n1239102931%n",
    ),
    "sshd": (
        "Failed password for invalid user %u from %i port %p ssh2",
        "Failed password for %u from %i port %p ssh2",
        "Accepted password for %u from %i port %p ssh2",
        "Invalid user %u from %i",
        "pam_unix(sshd:session): session opened for user %u by (uid=0)",
        "pam_unix(sshd:session): session closed for user %u",
        "Connection closed by %i [preauth]",
        "Received disconnect from %i: 11: Bye Bye [preauth]",
    ),
    "spark": (
        "Found block rdd_%n_%n locally",
        "Finished task %n.0 in stage %n.0 (TID %n). %n bytes result sent to driver",
        "Block broadcast_%n_piece0 stored as bytes in memory (estimated size %n KB, free %n KB)",
        "attempt_201706%n_%n_m_%n_%n: Committed",
    ),
    "openstack": (
        "[instance: %g] Claim successful",
        "[instance: %g] Took %n.%n seconds to spawn the instance on the hypervisor.",
        "image %g at (/var/lib/nova/instances/_base/%x%x): checking",
        "[instance: %g] Deleting instance files /var/lib/nova/instances/%g",
    ),
    "shop": (
        "User %u logged in from %i",
        "User %u logged out after %n s",
        "payment %g declined: insufficient_funds",
        "payment %g declined: card_expired",
        "connect ECONNREFUSED %i:6379",
        "connect ETIMEDOUT %i:6379",
        "upstream checkout responded with status 503 after %n ms",
        "upstream checkout responded with status 500 after %n ms",
        "cache hit for key user:%u:cart",
        "cache miss for key user:%u:cart",
        "file /srv/upload/%w/%n.jpg uploaded by %u (%n bytes)",
        "feature flag new-cart enabled for tenant %w",
        "job %w-%x finished in %n.%ns",
        "could not reach inventory-service: timeout after %n ms",
        "could not reach payment-service: timeout after %n ms",
    ),
    "units": (
        "flushed memtable of %n KB in %n.%ns",
        "cached table %w (size %n.%n MB, free %n.%n GB)",
        "lease of %n:%n:%n released, link %m",
        "backup began at %d for user %u",
    ),
    "names of programs": (
        "wake lock %n taken, tag=%c, pkg=%c, uid=%n",
        "dropped volume /mnt/%w/%w%n.img: Permission denied",
        "dropped volume /mnt/%w/%w%n.img: Device is busy",
        "%h:443 opened through gateway",
        "%h:443 closed by gateway",
        "alarm set, repeat=false, pid=%n",
        "alarm set, repeat=true, pid=%n",
    ),
    "values": (
        "%u took seat %n",
        "%u gave up seat %n",
        "%u/%i:%q vanished",
        "could not charge order %n: code %n",
        "asked database=%t for %n rows",
        "cannot lock table '%t'",
        "lane on '%w' held for %n ms",
        "peer %i:%q hung up",
        "looked at ledger.go:%n for %n ms",
        "span %x-%n closed",
        "%x-%x <= %h S=%n id=%x",
        "sip:%n@%i did not answer",
        "freed %nK in %n ms",
        "report of %t.%w is late",
        "regs a0=%x a1=%n a2=%h",
    ),
    "lists": (
        "replicas %l lost",
        "replicas %l back",
        "asked %i:9866 to drop %b",
        "asked %i:9866 to send %b",
        "shelves [%e] are slow, oldest for %n sec",
        "shelves [%e] are back",
    ),
    "hosts and classes": (
        "hello from rhost=%a user=%u",
        "hello from rhost=%a",
        "agent %n rests at %h:%q",
        "loaded plug com.%w.%w.%w$Main for com.%w.%w.Base",
        "hive %n read from 'C:\\%w\\%w\\%w.db'",
        "stage of ledger_%n_%n kept",
    ),
    "values that are missing": (
        'lock %n freed, owner=%o, tag="%w %w", ws=%o, pid=%n',
        "guest from %i (%s) came",
    ),
    "what happened": (
        "notice %n, reason = Late:sts:%n_rsn:%n",
        "notice %n, reason = Lost:sts:%n_rsn:%n",
        "notice %n, reason = Wet:sts:%n_rsn:%n",
        "addr of IPv4 is now %n",
        "addr of IPv6 is now %n",
        "sent app.orders.STARTED to %n",
        "sent app.orders.STOPPED to %n",
    ),
    "lists of a few words": (
        "nodesets differ%f",
        "path is org.%w.%w.%w:%n%k",
    ),
    "kubelet": (
        '"Error syncing pod, skipping" err="failed to StartContainer" pod="shop/cart-%x-%w" podUID="%g"',
        'Successfully pulled image "registry.local/%w:v1.%n.%n" in %n.%ns',
        "Back-off restarting failed container %w in pod %w-%x-%w_prod(%g)",
        "Started container %w",
    ),
    "plays": (
        "ok: [%w]",
        "changed: [%w%n]",
        "skipping: [%w]",
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_groups_are_events(name):
    """Of records from known events, pairs of one event are in one group and pairs of two events in two."""
    wanted, templates = [], []
    for event, form in enumerate(LOGS[name]):
        for _ in range(40):
            wanted.append(event if "blk_" not in form else form.replace("blk_-", "blk_"))
            templates.append(template_of_message(fill(form).encode()))
    variants = Variants(templates)
    found = [variants.find_group(template) for template in templates]
    events: dict[object, Counter[str]] = defaultdict(Counter)
    for event, group in zip(wanted, found, strict=True):
        events[event][group] += 1
    assert [len(groups) for groups in events.values()] == [1] * len(events), events
    assert len(set(found)) == len(events)


def test_order_does_not_matter():
    """Any order of the templates gives the same groups."""
    templates = [template_of_message(fill(form).encode()) for forms in LOGS.values() for form in forms * 12]
    shuffled = list(templates)
    DRAW.shuffle(shuffled)
    one, two = Variants(templates), Variants(shuffled)
    assert [one.find_group(text) for text in templates] == [two.find_group(text) for text in templates]


def test_names_of_who_is_blamed_stay():
    """A dozen services that cannot be reached are a dozen events; so are errno names and exceptions."""
    for form, names in (
        ("could not reach %s: timeout", [f"{word}-service" for word in USERS[:12]]),
        (
            "connect %s <ip>:6379",
            ["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EACCES"],
        ),
        ("request failed: %s was thrown", [f"{word.title()}Exception" for word in USERS[:12]]),
        (
            "invoice %s by worker <num>",
            [f"{word}ed" for word in ("forward", "stor", "refresh", "load", "reject", "sign", "pay", "print")],
        ),
        ("violates constraint (SQLSTATE %s)", [str(number) for number in range(23_500, 23_512)]),
    ):
        templates = [form % name for name in names]
        variants = Variants(templates)
        assert [variants.find_group(text) for text in templates] == templates


def test_words_that_are_kept_part_events():
    """A place where a known name ever stands tells events apart, however many texts stand there."""
    templates = [f"cannot write rows of {name} today" for name in USERS]
    folded = Variants(templates)
    assert {folded.find_group(text) for text in templates} == {"cannot write rows of <*> today"}
    kept = Variants(templates, lambda word: word == "oracle")
    assert [kept.find_group(text) for text in templates] == templates


def test_marks_stay_whole():
    """No group cuts into a placeholder of its templates."""
    templates = [template_of_message(fill(form).encode()) for forms in LOGS.values() for form in forms * 12]
    variants = Variants(templates)
    assert not [group for group in map(variants.find_group, templates) if re.search(r"<[a-z*]*<|\w<\*>\w*>", group)]


def test_names_that_vary_elsewhere_vary_here():
    """Three users of one event are one group where other events have shown that they are users."""
    seen = [f"session opened for user {name}" for name in USERS]
    few = [f"{name} asked for leave" for name in USERS[:3]]
    variants = Variants([*seen, *few])
    assert {variants.find_group(text) for text in few} == {"<*> asked for leave"}
    variants = Variants(few)
    assert [variants.find_group(text) for text in few] == few


def test_folding_again_changes_nothing():
    """Groups of groups are the groups."""
    templates = [template_of_message(fill(form).encode()) for forms in LOGS.values() for form in forms * 12]
    variants = Variants(templates)
    groups = sorted({variants.find_group(text) for text in templates})
    again = Variants(groups)
    assert all(one != two for one, two in pairwise(groups))
    assert [again.find_group(group) for group in groups] == groups


def test_two_of_a_sure_kind_are_values():
    """Two paths, users, addresses, classes or counted devices are one event; two words of no known kind are two."""
    for one, two in (
        ("lost the image /srv/a/one.img", "lost the image /opt/two.img"),
        ("opened a seat for user anna", "opened a seat for user bob"),
        ("greeted rhost=<ip>", "greeted rhost=gate.bob.example"),
        ("bound org.shop.CartJob to slot", "bound org.shop.pay.PayJob to slot"),
        ("link of eth0 moved", "link of eth1 moved"),
        ("freed lock owner=null", "freed lock owner=cart"),
        ("set mode of dev, tag=on", "set mode of dev, tag=on"),
    ):
        variants = Variants((one, two))
        assert variants.find_group(one) == variants.find_group(two)
    for one, two in (
        ("lost the image today", "lost the picture today"),
        ("could not reach redis-main", "could not reach kafka-main"),
        ("table of IPv4 full", "table of IPv6 full"),
        ("order ended with state=null", "order ended with state=paid"),
        ("order is app.orders.PAID", "order is app.orders.LOST"),
        ("L1 cache: <num>", "L2 cache: <num>"),
        ("num=<num>", "top=<num>"),
    ):
        variants = Variants((one, two))
        assert variants.find_group(one) != variants.find_group(two)


def test_short_numbers_of_machines_part_none_of_them():
    """Names of machines are one kind where there are four of them, whichever of their numbers masks keep."""
    names = ("web<num>", "cache<num>", "cache8", "db<num>", "db7", "mq<num>", "mq2")
    folded = Variants(f"Connection to {name} refused" for name in names)
    assert {"Connection to <*> refused"} == {folded.find_group(f"Connection to {name} refused") for name in names}


def test_the_number_of_a_machine_takes_its_name_along():
    """Two machines with numbers are two kinds: who is blamed stays to be seen."""
    folded = Variants(f"Connection to {name} refused" for name in ("redis<num>", "redis2", "pg<num>", "pg7"))
    assert folded.find_group("Connection to redis2 refused") == "Connection to redis<num> refused"
    assert folded.find_group("Connection to pg7 refused") == "Connection to pg<num> refused"


def test_the_length_of_a_list_in_one_word_makes_no_event():
    """Names that differ in their numbers are one item, however many there are; other names are not."""
    lines = [f"slow: [{names}] blocked" for names in ("disk.4,disk.17", "disk.12,disk.22,disk.6", "disk.1,cpu.12")]
    templates = [template_of_message(line.encode()) for line in lines]
    variants = Variants(templates)
    assert sorted(Counter(variants.find_group(one) for one in templates).values()) == [1, 2]
