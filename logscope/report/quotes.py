"""What shows the cause and what set it off, in the words of their lines: all sections quote them alike."""

import re
from typing import Final

from logscope.model.causes import Candidate, Trigger
from logscope.model.kinds import GroupSummary
from logscope.model.times import US
from logscope.report.page import Page
from logscope.report.rows import tidy
from logscope.text.cutting import own_words

_COUNTED: Final = re.compile(r" \(\d+ runs are open at once when it breaks, [^()]{1,80}\)$")
"""What analysis/causes/overlaps.py says beside the words of a job whose runs pile up."""


def find_group(page: Page, top: Candidate) -> GroupSummary | None:
    """The kind whose line shows or names the cause; None where no line does."""
    return next((group for group in page.snapshot.groups if group.id == top.group), None)


def tell_cause(page: Page, top: Candidate) -> str:
    """What shows the cause: its own words, or those of whoever names it."""
    shown = find_group(page, top)
    said = shown.headline if shown is not None and not top.in_logs else top.headline
    # Of a log that stopped no line speaks: its name is told beside these words everywhere.
    # What happened once is known by its number: `revision 9f31c2e` says which.
    return own_words(top.service, said) if top.is_event else tidy(own_words(top.service, said))


def who_says(page: Page, top: Candidate) -> str:
    """Whose words are quoted where the cause has none; and when, where it had fallen silent before."""
    shown, incident = find_group(page, top), page.snapshot.incident
    if shown is None or top.in_logs:
        return ""
    is_later = incident is not None and top.first_seen is not None and top.first_seen - incident.start >= US
    return f", as {page.text(shown.service)} reports{f' at {page.at(top.first_seen)}' if is_later else ''}"


def tell_change(page: Page, trigger: Trigger) -> str:
    """What changed, with the values that the record holds; what was counted beside it is no quote."""
    words, counted = own_words(trigger.service, trigger.text), ""
    found = _COUNTED.search(words)
    if found is not None:
        words, counted = words[: found.start()], f" {page.text(found[0].strip())}"
    return f"{page.code(words, 160)}{counted}"
