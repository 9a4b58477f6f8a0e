"""What was read of a source is forgotten as if it had never been fed."""

import random

import pytest

from logscope.index.index import Index
from logscope.ingest.batch import Signature, SignatureKind
from logscope.model.severity import Severity
from logscope.model.times import US
from tests.index.test_index import make_batch

KINDS = [Signature(n, "", SignatureKind.MESSAGE, f"shop failed on {n:x}") for n in range(300)]
"""So many that begin alike are folded."""


def fill(index, source, *, seed):
    """A source with records of many kinds, in two pieces; between them somebody looks."""
    chance = random.Random(seed)
    for piece in range(2):
        records = [
            (n * US, chance.choice((Severity.WARN, Severity.ERROR)), chance.randrange(300), n * 100)
            for n in range(piece * 400, piece * 400 + 400)
        ]
        index.fold(source, make_batch(records), KINDS)
        index.folded_kinds()
    return index


@pytest.mark.parametrize("is_window", [False, True])
def test_what_is_forgotten_was_never_there(is_window):
    """The other source is untouched, and the forgotten one can be read again, also by other kinds."""
    alone = fill(Index(is_window=is_window), "cart.log", seed=1)
    both = fill(fill(Index(is_window=is_window), "shop.log", seed=2), "cart.log", seed=1)
    assert is_window or both.folded_kinds().keys() == {"shop.log", "cart.log"}
    both.forget("shop.log")
    assert both.digest() == alone.digest()
    again = fill(both, "shop.log", seed=3)
    assert again.digest() == fill(alone, "shop.log", seed=3).digest()
