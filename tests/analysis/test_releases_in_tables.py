"""Rows of a table of releases are changes, told by the names of their columns; what began moments ago is no blip."""

from logscope.model.causes import Link
from tests.analysis.small_incidents import Writer, iso
from tests.judged import judge

BREAKS = 600


def _write(folder, end):
    w = Writer(folder, 4)
    for s in w.often(0, end, 3):
        said = "ERROR order not priced" if s > BREAKS else "INFO order placed"
        w.add("orders.log", s, f"{iso(s)} {said} rid={w.id()}")
    rows = [(40, "blog", "1.2.0"), (300, "search", "3.3.1"), (BREAKS - 8, "orders", "4.0.0")]
    for s, service, version in rows:
        w.add("releases.csv", s, f"{iso(s)},{service},{version},mira")
    w.write()
    table = folder / "releases.csv"
    table.write_text("released_at,service,version,author\n" + table.read_text())
    return judge(folder)


def test_a_row_of_a_table_of_releases_sets_it_off(tmp_path):
    """Its columns say what it is, and no word in it does."""
    trigger = _write(tmp_path, 900).candidates[0].trigger
    assert trigger is not None
    assert (trigger.text, trigger.link) == ("service=orders, version=4.0.0, author=mira", Link.NAMED)


def test_what_began_moments_ago_is_too_short_to_tell(tmp_path):
    """Eight seconds of errors until now may be a blip or not; where they end, and all goes on, they were one."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, BREAKS + 8, 2):
        w.add("seats.log", s, f"{iso(s)} {'ERROR seat not kept' if s > BREAKS else 'INFO seat kept'}")
    w.write()
    said = judge(tmp_path).sentences[0].text
    assert said.startswith("too short to tell (as of ")
    assert "seat not kept" in said
