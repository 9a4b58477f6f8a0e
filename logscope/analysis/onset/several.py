"""One incident or several: what began after another one was over, among others, is an incident of its own.

Chained by onset alone (anomalies.py) a mail server that fails eight minutes after a database was mended would be the
database's second wave. A chain is cut where all that failed is quiet again, and what begins then fails for or blames
somebody who was not part of it. The users' failed requests belong to neither: the edge sees both.

Of two that overlap each is an incident of its own where neither takes notice of the other: the one that ends first
leaves the other as it was, and did not need it to end. They must have nothing to do with each other by name. While both
go on, times tell nothing: then they are two where each says why it fails, of reasons that do not bring one another
about.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.onset.anomalies import Anomaly, Outbreak, make_outbreak, says_why, weigh
from logscope.analysis.users.users import Users
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import US

_QUIET_US: Final = 60 * US
_LEFT: Final = 2
"""Stray records beyond the usual."""
_FEWEST: Final = 10
"""Records of fewer are everyday noise that is first seen now."""
_MOST: Final = 4
_SAME: Final = (0.5, 2.0)
"""What goes on as before comes at least half and at most twice as often."""
_NEAR_US: Final = 15 * US
"""Requests that time out are logged so long behind whoever let them wait."""


def part_outbreaks(outbreaks: Sequence[Outbreak], as_of: int, calls: Collection[tuple[str, str]]) -> list[Outbreak]:
    """Cut chains into what belongs together; the order of the whole ones is kept.

    Args:
        outbreaks: Chained by onset.
        as_of: Now.
        calls: Pairs of nodes whose requests go from one to the other.
    """
    parted: list[Outbreak] = []
    for one in (part for whole in outbreaks for part in _part_beside(whole, as_of, calls)):
        rest = one
        while (cut := _find_cut(rest)) is not None and len(parted) < _MOST:
            parted.append(make_outbreak(rest.anomalies[:cut]))
            rest = make_outbreak(rest.anomalies[cut:])
        parted.append(rest)
    return parted


def _part_beside(outbreak: Outbreak, as_of: int, calls: Collection[tuple[str, str]]) -> list[Outbreak]:
    """An outbreak, or two that overlap: each begins and ends without the other taking notice."""
    components = _components(outbreak.anomalies, calls)
    for theirs in (_with_fellows(one, components) for one in components):
        part = set(theirs)
        mine = [one for one in own_of(outbreak.anomalies) if one not in part]
        start, end = min(one.time for one in theirs), max(one.last for one in theirs)
        if any(_may_follow(one, theirs, start) for one in components):
            continue
        if not is_incident(make_outbreak(theirs)) or not _takes_no_notice(mine, theirs, as_of):
            continue
        nodes = {one.node for one in theirs}
        second = [one for one in outbreak.anomalies if one in part or _follows(one, nodes, start, end)]
        part = set(second)
        first = [one for one in outbreak.anomalies if one not in part]
        return [make_outbreak(second), make_outbreak(first)]
    return _part_by_reason(outbreak, components)


def _part_by_reason(outbreak: Outbreak, components: Sequence[Sequence[Anomaly]]) -> list[Outbreak]:
    """An outbreak, or two: of the lesser one the lines say why and whose fault it is, and all other reasons differ.

    Who says only that somebody does not answer may have been taken down, and so may who ran out of what a host has. A
    certificate that is over or a password that is refused is brought about by neither, unless it is the same for all.
    """
    for theirs in components:
        named = {name for one in theirs for name in one.kind.mentions} - {one.node for one in theirs}
        nodes = named.union(*((one.node, one.kind.node) for one in theirs))
        part = {*theirs, *(one for one in outbreak.anomalies if not one.is_strong and one.node in nodes)}
        mine = make_outbreak([one for one in outbreak.anomalies if one not in part])
        second = make_outbreak([one for one in outbreak.anomalies if one in part])
        reasons, others = _reasons_of(theirs), _reasons_of(mine.anomalies)
        if not (named and reasons and others and is_incident(mine) and is_incident(second)):
            continue
        if any(name.lower() in one.kind.headline.lower() for one in own_of(mine.anomalies) for name in named):
            # `ledger:5432` is taken for a database by its port, and for the ledger where no port is told.
            continue
        says_it = 2 * _sum_excess(reasons) >= _sum_excess(theirs)
        is_lesser = (weigh(second), _sum_excess(theirs)) <= (weigh(mine), _sum_excess(own_of(mine.anomalies)))
        if says_it and is_lesser and {*map(_family_of, reasons)}.isdisjoint(map(_family_of, others)):
            return [mine, second]
    return [outbreak]


def _sum_excess(anomalies: Sequence[Anomaly]) -> float:
    return sum(one.excess for one in anomalies)


def _reasons_of(anomalies: Sequence[Anomaly]) -> list[Anomaly]:
    """Those that tell of a cause, not of a fault in the code: that is as often what followed."""
    return [one for one in anomalies if says_why(one)]


def _family_of(one: Anomaly) -> RuleClass | None:
    """What a host or process runs out of, fills or dies of brings one another about."""
    cls = one.kind.meaning.cls
    return RuleClass.EXHAUSTION if cls in (RuleClass.CRASH, RuleClass.STORAGE) else cls


def _with_fellows(theirs: Sequence[Anomaly], components: Sequence[Sequence[Anomaly]]) -> list[Anomaly]:
    """With whoever begins and ends with it: they belong together, though none of them names another one."""
    start, end = min(one.time for one in theirs), max(one.last for one in theirs)
    return [
        one
        for fellows in components
        if fellows is theirs
        or (
            abs(min(one.time for one in fellows) - start) <= _QUIET_US
            and abs(max(one.last for one in fellows) - end) <= _QUIET_US
        )
        for one in fellows
    ]


def _may_follow(others: Sequence[Anomaly], theirs: Sequence[Anomaly], start: int) -> bool:
    """Nodes that nothing ties to the first began to fail moments behind: they may be what the second took down."""
    return others[0] not in theirs and 0 <= min(one.time for one in others) - start <= _QUIET_US


def _takes_no_notice(mine: Sequence[Anomaly], theirs: Sequence[Anomaly], as_of: int) -> bool:
    """The second begins a minute or more behind the first, and whichever ends first leaves the other as it was."""
    start, end = min(one.time for one in theirs), max(one.last for one in theirs)
    first = [one for one in mine if one.time <= start - _QUIET_US and one.last >= start]
    if not first:
        return False
    lasts = max(one.last for one in first)
    if end <= min(lasts, as_of) - _QUIET_US:
        # What ended with it may be its effect; what goes on is none, and neither is it an effect of that.
        lasting = [one for one in first if one.last >= lasts - _QUIET_US]
        until = as_of if lasts >= as_of - _QUIET_US else lasts
        return all(_goes_on(one, start, end, until) for one in lasting)
    if lasts > end - _QUIET_US or not is_incident(make_outbreak(first)):
        return False
    begun = min(one.time for one in first)
    loud = max(first, key=lambda one: one.kind.between(one.time, lasts))
    strong = [one for one in theirs if one.kind.between(start, lasts) >= _FEWEST]
    return (
        bool(strong)
        and _goes_on(loud, begun, start - US, lasts)
        and all(_goes_on(one, start, lasts, end) for one in strong)
    )


def _components(anomalies: Sequence[Anomaly], calls: Collection[tuple[str, str]]) -> list[list[Anomaly]]:
    """What services said, by who has to do with whom: named, blamed alike, or called."""
    own = own_of(anomalies)
    groups: list[tuple[set[str], list[Anomaly]]] = []
    for one in own:
        touched = {one.node, one.kind.node, *one.kind.mentions}
        touched |= {other for pair in calls if one.node in pair for other in pair}
        joined = [group for group in groups if group[0] & touched]
        members = [member for group in joined for member in group[1]]
        groups = [group for group in groups if group not in joined]
        groups.append((touched.union(*(group[0] for group in joined)), [*members, one]))
    return [members for _, members in groups] if len(groups) > 1 else []


def _goes_on(one: Anomaly, start: int, turn: int, end: int) -> bool:
    """It comes as often behind a turn as before it."""
    during, after = one.kind.between(start, turn), one.kind.between(turn + US, end)
    during_s, after_s = max(1.0, (turn - start) / US), max(1.0, (end - turn) / US)
    expected = during * after_s / during_s
    return expected >= _FEWEST and _SAME[0] * expected <= after <= _SAME[1] * expected


def _follows(one: Anomaly, nodes: Collection[str], start: int, end: int) -> bool:
    """The users' side of it, or something weak about it: it begins and ends with it."""
    is_weak = one.kind.is_request or not one.is_strong
    # One that failed once or twice before for a reason of its own did not begin to fail then.
    is_within = one.kind.between(one.time, start - _NEAR_US - US) <= _LEFT and one.last <= end + _NEAR_US
    return is_weak and (one.node in nodes or is_within)


def hurts_users(outbreak: Outbreak) -> bool:
    """Requests of an access log fail with it."""
    return any(one.kind.is_request and one.is_strong for one in outbreak.anomalies)


def goes_on_beside(one: Outbreak, other: Outbreak, as_of: int) -> bool:
    """It began before another one and is not over: told, though it may be warnings alone."""
    own = [a for a in one.anomalies if a.is_strong and a.excess >= _FEWEST]
    return bool(own) and one.start < other.start and last_of(one) >= as_of - _QUIET_US


def is_beside(one: Outbreak, other: Outbreak) -> bool:
    """It was there before the other one ended."""
    return one.start <= last_of(other)


def is_lesser(one: Outbreak, other: Outbreak) -> bool:
    """One node alone fails, and others together."""
    return len({a.node for a in own_of(one.anomalies)}) <= 1 < len({a.node for a in own_of(other.anomalies)})


def stands_alone(outbreak: Outbreak) -> bool:
    """One node complains of what is no known cause; it names nobody, and no request fails with it.

    An engineer wants to know of it, but it took nobody down: it may as well be a job's own bad data.
    """
    own = own_of(outbreak.anomalies)
    return (
        len({one.node for one in own}) == 1
        and not hurts_users(outbreak)
        and not any(one.kind.mentions or one.kind.meaning.kind is MeaningKind.CAUSE for one in own)
    )


def is_incident(outbreak: Outbreak) -> bool:
    """More than a kind of everyday noise that happens to be first seen late: an error that surely rose, in numbers."""
    return any(
        one.is_strong and one.kind.severity >= Severity.ERROR and one.excess >= _FEWEST for one in outbreak.anomalies
    )


def own_of(anomalies: Sequence[Anomaly]) -> list[Anomaly]:
    """What services surely said anew; their failed requests are the users' side of it."""
    return [one for one in anomalies if one.is_strong and not one.kind.is_request]


def nodes_of(outbreak: Outbreak) -> set[str]:
    """Who fails in it, and whom they name."""
    own = own_of(outbreak.anomalies) or outbreak.anomalies
    return {name for one in own for name in (one.node, one.kind.node, *one.kind.mentions)}


def last_of(outbreak: Outbreak) -> int:
    """Last record of what services surely said anew, microseconds.

    Everyday noise that is part of it goes on for ever, and requests of its routes may fail again for another reason.
    """
    own = own_of(outbreak.anomalies) or [one for one in outbreak.anomalies if one.is_strong] or outbreak.anomalies
    return max(one.last for one in own)


def _find_cut(outbreak: Outbreak) -> int | None:
    """Where a second incident begins among its anomalies; None where all are one."""
    anomalies = outbreak.anomalies
    for cut in range(1, len(anomalies)):
        first, second = anomalies[:cut], anomalies[cut:]
        if second[0].time - first[0].time < _QUIET_US or second[0].kind.is_request:
            continue
        if _is_over(first, second[0].time, outbreak.end) and _is_apart(first, second):
            # Requests that fail in the same moment are its users' side: which of both is listed first says nothing.
            while anomalies[cut - 1].kind.is_request and second[0].time - anomalies[cut - 1].time <= US:
                cut -= 1
            return cut
    return None


def _is_over(anomalies: Sequence[Anomaly], begin: int, end: int) -> bool:
    """What services said of the first has stopped a minute before the second begins, and does not come again."""
    own = own_of(anomalies)
    return bool(own) and all(
        one.kind.between(begin - _QUIET_US, end) <= 1.5 * one.baseline_per_s * (end - begin + _QUIET_US) / US + _LEFT
        for one in own
    )


def _is_apart(first: Sequence[Anomaly], second: Sequence[Anomaly]) -> bool:
    """The second fails for somebody, or is somebody, who has no part in the first; and names nobody who has."""
    mine, theirs = own_of(first), own_of(second)
    if not theirs:
        return False
    nodes, others = {one.node for one in mine}, {one.node for one in theirs}
    named = {name for one in mine for name in one.kind.mentions}
    blamed = {name for one in theirs for name in one.kind.mentions}
    if blamed & (nodes - others) or named & (others - nodes):
        return False
    lead = theirs[0]
    return bool(({lead.node, *lead.kind.mentions}) - nodes - named)


def without_failures(users: Users, spans: Sequence[tuple[int, int]]) -> Users:
    """The requests without the failures in the spans of other incidents, ends included, microseconds.

    They came all the same: without them traffic would seem to have been down.
    """
    failed = users.failed.copy()
    for low, high in spans:
        failed[(users.seconds >= low // US) & (users.seconds <= high // US)] = 0
    return replace(users, failed=failed)
