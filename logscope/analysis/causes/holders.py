"""Who held what ran out: sessions of a server that logs how they open and close, counted by user. Pure.

A server that says `connection authorized: user=x` and `disconnection: ... user=x` tells at each moment how many
sessions each user holds: what was opened less what was closed. It is exact up to the first refusal; behind it a server
may log a session as opened and then refuse it. Sessions that were open before the log begins are not seen.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.files import LineRef
from logscope.model.times import MINUTE_US, US

_OPENS: Final = re.compile(
    r"(?i)^(?:connection authori[sz]ed|new (?:client )?(?:connection|session)|session (?:opened|started)"
    r"|connection opened|(?:client |user )?connected\b|logged in\b|login succeeded)"
)
_CLOSES: Final = re.compile(
    r"(?i)^(?:disconnection|disconnected|connection closed|session (?:closed|ended)|closed connection"
    r"|logged (?:out|off)\b|client disconnected)"
)
_USER: Final = re.compile(r"(?i)\b(?:user(?:name)?[=: ]\s?|for user )['\"]?([A-Za-z_][\w.-]{0,60})")
_FEWEST: Final = 3
"""Sessions from which on a user holds something."""
_MOST_TOLD: Final = 3


@dataclass(slots=True)
class _Ledger:
    opened: list[Kind] = field(default_factory=list)
    closed: list[Kind] = field(default_factory=list)

    def held(self, time: int) -> int:
        """Sessions open at a time."""
        return sum(k.between(0, time) for k in self.opened) - sum(k.between(0, time) for k in self.closed)


def find_holders(kinds: Iterable[Kind], cause: Anomaly | None) -> Evidence | None:
    """Who held the sessions when the first one was refused; None where nobody can be told.

    Args:
        kinds: Of every level, of the window that was read whole.
        cause: What broke: something that ran out, by its own line.
    """
    if cause is None:
        return None
    kinds = list(kinds)
    held = _find_lock_holder(kinds, cause)
    if held is not None or cause.kind.meaning.cls is not RuleClass.EXHAUSTION:
        return held
    moment, found = _find_held(kinds, cause)
    if not found:
        return None
    told = ", ".join(
        f"{name} {held} (a minute before {ledger.held(moment - MINUTE_US)})"
        for held, name, ledger in found[:_MOST_TOLD]
    )
    latest = max(found[0][2].opened, key=lambda kind: (kind.between(moment - MINUTE_US, moment), kind.order))
    row = max(0, latest.row_at(moment) - 1)
    return Evidence(
        "holders", 0.0, f"sessions held when the second of the first refusal began: {told}", (latest.ref_at(row),)
    )


def _find_held(kinds: Iterable[Kind], cause: Anomaly) -> tuple[int, list[tuple[int, str, _Ledger]]]:
    """The moment before the first refusal, and how many sessions each user held then, the most first."""
    ledgers: dict[str, _Ledger] = {}
    for kind in {one.id: one for one in kinds if one.node == cause.kind.node}.values():
        user = _USER.search(kind.headline)
        if user is None:
            continue
        ledger = ledgers.setdefault(user[1], _Ledger())
        if _OPENS.search(kind.headline):
            ledger.opened.append(kind)
        elif _CLOSES.search(kind.headline):
            ledger.closed.append(kind)
    # Counts are by second: the one of the first refusal may hold a session that was opened only to be refused.
    moment = cause.time // US * US - 1
    held = ((ledger.held(moment), name, ledger) for name, ledger in ledgers.items() if ledger.opened and ledger.closed)
    return moment, sorted((row for row in held if row[0] >= _FEWEST), key=lambda row: (-row[0], row[1]))


def has_grown(kinds: Iterable[Kind], cause: Anomaly | None, user: str, since: int) -> bool:
    """Whether a user holds the most of what ran out, and most of that since a time.

    Args:
        kinds: Of every level, of the window that was read whole.
        cause: What broke: something that ran out, by its own line.
        user: Whose sessions.
        since: Microseconds UTC.
    """
    if cause is None or cause.kind.meaning.cls is not RuleClass.EXHAUSTION:
        return False
    _, held = _find_held(kinds, cause)
    return bool(held) and held[0][1].lower() == user.lower() and 2 * held[0][2].held(since) < held[0][0]


_HOLDING: Final = re.compile(r"Process(?:es)? holding the lock: (\d{1,10}(?:, \d{1,10}){0,20})\.")
_SESSION: Final = re.compile(r"\[(\d{1,10})\] (\w[\w.-]{0,60})@(\w[\w.-]{0,60}) ")
_LONGEST_RECORD: Final = 4000


def _find_lock_holder(kinds: Iterable[Kind], cause: Anomaly) -> Evidence | None:
    """Whose session holds the lock that others wait for, where PostgreSQL tells its process and another line whose.

    A waiting session is told with its user, the one that holds the lock with its number alone.
    """
    texts = [one.text[:_LONGEST_RECORD].decode("utf-8", "replace") for one in cause.kind.exemplars]
    holding = {pid for text in texts for told in _HOLDING.findall(text) for pid in told.split(", ")}
    if not holding:
        return None
    for kind in sorted(kinds, key=lambda one: one.order):
        if kind.view.key != cause.kind.view.key or kind.id == cause.kind.id:
            continue
        for one in kind.exemplars:
            text = one.text[:_LONGEST_RECORD].decode("utf-8", "replace")
            session = _SESSION.search(text.partition("\n")[0])
            if session is not None and session[1] in holding and _HOLDING.search(text) is None:
                told = f"process {session[1]}, which holds the lock, is a session of {session[2]}: {kind.headline}"
                return Evidence("holders", 0.0, told, (LineRef(kind.view.parts[one.part], one.line),))
    return None
