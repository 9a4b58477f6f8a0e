"""Whom a line blames by its grammar alone."""

import pytest

from logscope.analysis.strangers import find_strangers
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
        ("unable to reach auth", "auth"),
        ("no answer in time, upstream=heron took=3000ms", "heron"),
    ],
)
def test_the_other_side_is_named_by_grammar(message, name):
    """A word behind a verb of calling, or before one of not answering, is a name whatever it means."""
    assert named(message) == {name}


@pytest.mark.parametrize(
    "message",
    [
        "could not load order 5",
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
        "no answer after 5000ms (pool active=20, waiting=3)",
    ],
)
def test_words_of_the_language_are_no_names(message):
    """Peers, servers, orders and verbs are what lines speak of, not who is to blame."""
    assert named(message) == set()
