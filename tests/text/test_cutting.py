"""Texts that are told with who says them."""

from logscope.text.cutting import tell


def test_a_message_that_begins_with_its_service_names_it_once():
    """Whoever writes its own name before its words is told with one of the two."""
    assert tell("ledger", "ledger: too many open files") == "ledger: too many open files"
    assert tell("Ledger", "ledger: too many open files") == "ledger: too many open files"
    assert tell("ledger", "ledgers: all closed") == "ledger: ledgers: all closed"
    assert tell("cart", "no answer from ledger: refused") == "cart: no answer from ledger: refused"
