"""Whom a line blames by its grammar alone."""

import pytest

from logscope.analysis.kinds.strangers import find_strangers, is_own_certificate_refused, is_own_limit, tell_sides
from logscope.knowledge.lexicon import load_lexicon

LEXICON = load_lexicon()


def named(message):
    return {word.lower() for word in find_strangers(message, LEXICON.knows)}


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("call to heron timed out after 300 ms", "heron"),
        ("heron did not answer for order 4", "heron"),
        ("gave up on heron after 3 tries", "heron"),
        ("could not reach heron: connection refused", "heron"),
        ("error response from heron while saving", "heron"),
        ("HTTP 502 from heron on POST /x", "heron"),
        ("Failed to connect to the inventory service: timeout", "inventory"),
        ("connection to inventory-db lost", "inventory-db"),
        ("Stripe API returned 429 Too Many Requests", "stripe"),
        ("Waiting for heron-db.prod.internal to become ready", "heron-db.prod.internal"),
        ("request rejected by heron", "heron"),
        ("the geocoder is down", "geocoder"),
        ("cannot contact heron-2", "heron-2"),
        ("cannot contact cluster-2", "cluster-2"),
        ("unable to reach auth", "auth"),
        ("no answer in time, upstream=heron took=3000ms", "heron"),
        ("picture from heron.partner.example after 6004 ms", "heron.partner.example"),
        ("reply from heron took 5012 ms", "heron"),
        ("the certificate of heron.partner.example has expired", "heron.partner.example"),
        ("parcel kept: cert for heron could not be verified", "heron"),
        ("Call From nest-1/10.0.0.7 to heron-7.birds.example:8020 failed on it", "heron-7.birds.example"),
        ("no route: from  nest-1/10.0.0.7 to HERON-7.birds.example:98 failed", "heron-7.birds.example"),
    ],
)
def test_the_other_side_is_named_by_grammar(message, name):
    """A word behind a verb of calling, or before one of not answering, is a name whatever it means."""
    assert named(message) == {name}


@pytest.mark.parametrize(
    "message",
    [
        "could not load order 5",
        "read from client took 5012 ms",
        "moved to archive after review",
        "job was discarded from queue after 294ms",
        "tagger gave up on a picture",
        "price cache stale for 24 items",
        "write queue full, 3 rejected",
        "giving up on parcel 5",
        "Connection reset by peer",
        "upstream prematurely closed connection while reading response header from upstream",
        "upstream timed out (110: Connection timed out) while reading response header",
        "server misbehaving",
        "payment failed for order 7",
        "cannot connect to server",
        "Lock wait timeout exceeded; try restarting transaction",
        "terminating connection due to administrator command",
        "failed to send mail to customer 7",
        "request to load page failed",
        "NullPointerException: cart is null",
        "remaining connection slots are reserved for superuser connections",
        "waiting for worker to finish",
        "queue depth: queue=parcels",
        "no answer after 5000ms (pool active=20, waiting=3)",
        "CLUSTERDOWN The cluster is down",
        "Cluster health status changed from [YELLOW] to [RED]",
        "connection to network lost, zone unavailable",
        "no tiles for sheet 12: provider wants a newer key",
        "certificate of heron is valid until tomorrow",
        "sheet 12 not drawn, backend knows no such layer",
    ],
)
def test_words_of_the_language_are_no_names(message):
    """Peers, servers, orders and verbs are what lines speak of, not who is to blame."""
    assert named(message) == set()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("http: TLS handshake error from 10.0.0.5:43210: remote error: tls: bad certificate", True),
        ("javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown", True),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:997)", True),
        ("SSL routines::tlsv13 alert certificate required:SSL alert number 116", True),
        ("recv TLSv1.3 ALERT: fatal, description = unknown_ca", True),
        ("x509: certificate has expired or is not yet valid", False),
        ("SEND TLSv1.2 ALERT: fatal, description = certificate_expired", False),
        ("remote error: tls: handshake failure", False),
        ("received alert from alertmanager: CertificateExpiringSoon firing", False),
    ],
)
def test_a_received_alert_about_a_certificate_is_about_ones_own(message, expected):
    """Who receives the alert showed the certificate; who sends it, or verifies one, speaks of the other side's."""
    assert is_own_certificate_refused(message) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("connect() to 10.0.0.5:8081 failed (99: Cannot assign requested address) while connecting to upstream", True),
        ("dial tcp 10.0.0.5:5432: connect: can't assign requested address", True),
        ("dial tcp 10.0.0.5:5432: socket: too many open files", True),
        ("Error: connect EADDRNOTAVAIL 10.0.0.5:5432 - Local (0.0.0.0:0)", True),
        ("heron refused: could not open /data/x: Too many open files", False),
        ("connect() to 10.0.0.5:8081 failed (111: Connection refused) while connecting to upstream", False),
    ],
)
def test_who_was_never_spoken_to_is_not_to_blame(message, expected):
    """Without a port or a descriptor nothing was sent to the address that the line names."""
    assert is_own_limit(message) is expected


def test_folders_are_nobodys_names():
    """Behind `connect to` stands the path of a socket: whom it means, `mentions` tells."""
    assert named("connect to /var/run/heron/wren.ctl failed") == set()
    assert named("cannot connect to a UNIX socket") == set()


def test_a_field_called_like_the_other_side_names_it():
    """`"upstream":"heron"` of all records; what differs from one to the next, and other fields, name nobody."""
    texts = [b'{"msg":"call failed","upstream":"heron","peer":"a1","user":"wren"}', b'{"upstream":"heron","peer":"a2"}']
    assert tell_sides(texts) == "upstream = heron ;"
    assert named(f"call failed {tell_sides(texts)}") == {"heron"}
    assert tell_sides([b'{"path":"/x","upstream_cluster":"heron","upstream_host":null}']) == "upstream = heron ;"


def test_what_was_asked_is_nobody():
    """An operation that was called is no service."""
    assert named("error when calling the PutHeron operation") == set()
    assert named("too long between subsequent calls to heron()") == set()


def test_a_bracketed_part_of_the_author_is_nobody_else():
    """`[pool www]` tells which part of the author speaks; without brackets it is whom the line is about."""
    assert named("[pool www] server reached pm.max_children setting (2), consider raising it") == set()
    assert named("no free connection in pool heron") == {"heron"}


def test_an_id_is_nobody():
    """`Build of instance e414ef4a-... aborted` tells of a thing of the trade."""
    assert not find_strangers("call to e414ef4a-285e-4b54-a738-09afcf5877e6 timed out", lambda word: False)


def test_how_somebody_is_spoken_to_is_nobody():
    """A scheme that no list holds, and the one who logs in, name nobody: the host does."""
    assert named("Cannot connect to amqps://wren:**@heron.example:5671//: refused") == {"heron.example"}
    assert named("connection to stomp+ssl://heron failed") == {"heron"}
