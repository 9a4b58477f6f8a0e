"""Texts that are told with who says them."""

from logscope.text.cutting import hide_masks, tell


def test_a_message_that_begins_with_its_service_names_it_once():
    """Whoever writes its own name before its words is told with one of the two."""
    assert tell("ledger", "ledger: too many open files") == "ledger: too many open files"
    assert tell("Ledger", "ledger: too many open files") == "ledger: too many open files"
    assert tell("ledger", "ledgers: all closed") == "ledger: ledgers: all closed"
    assert tell("cart", "no answer from ledger: refused") == "cart: no answer from ledger: refused"


def test_what_differs_from_record_to_record_is_no_blank_to_fill_in():
    """Masks of a kind become ellipses; what stands in angle brackets of its own stays."""
    assert hide_masks("job[<num>] began, <num> leads of <name>") == "job[…] began, … leads of <name>"
