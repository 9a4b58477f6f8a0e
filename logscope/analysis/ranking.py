"""The root-cause ranking: additive points with evidence, one candidate per node.

The terms and their weights are those of analysis.md 3.4, fitted there on simulated incidents: who is named counts most,
then words of a cause, then order; volume counts nothing. Every point comes with a sentence and the lines it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import erf, exp, sqrt
from statistics import median
from typing import Final

from logscope.analysis.anomalies import OVER_MARGIN_US, Anomaly
from logscope.analysis.blame import Edge, pair_sigma_us, reach
from logscope.analysis.novelties import Novelty
from logscope.analysis.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Confidence, Evidence
from logscope.model.files import LineRef
from logscope.model.times import US

ORDER: Final = 1.0
REACH: Final = 3.0
CAUSE: Final = 2.0
CHANGE: Final = 1.0
"""A change is the trigger; it is the cause only where no mechanism is logged."""
BUG: Final = 0.5
"""A null pointer is a fault, but more often the first to fall than the one who pushed."""
STATE: Final = 0.5
NOVEL: Final = 1.0
"""An ordinary line of a kind that this log never held before."""
SYMPTOM: Final = -1.0
BLAME: Final = -1.5
LAG: Final = -1.0
ENDED: Final = -1.0
SERVED: Final = -1.0
"""A line of an access log says what users got, never why."""
PHANTOM: Final = 0.75
TESTIMONY: Final = 0.75
"""A client quotes words of a cause (refused for memory) from a node whose own log is silent."""
SILENT: Final = 1.0
"""Who is named and falls silent at the same time hangs or is gone."""
TEMPERATURE: Final = 0.5
LAG_SCALE_US: Final = 300 * US
LAG_GRACE_US: Final = 60 * US
"""Within a minute a cascade is on its way: who was first by so little is no stray."""
ENDED_MARGIN_US: Final = OVER_MARGIN_US
_SOON_US: Final = 10 * US
"""Between a step and the line that says why it failed."""
OUTSIDE: Final = "outside these logs"
"""The suspect that is always there: no file shows the cause and no line names it."""
HIGHEST_PROBABILITY: Final = 0.95
"""Never printed above this: a tool that saw only logs cannot be surer."""


@dataclass(slots=True)
class Suspect:
    """A node judged as possible root cause."""

    node: str
    anomaly: Anomaly | None
    """Its kind that shows the cause best; None where no line of its own does."""
    naming: Edge | None
    """Strongest edge that names it; None when nobody does."""
    evidence: list[Evidence] = field(default_factory=list)
    probability: float = 0.0

    @property
    def points(self) -> float:
        """Sum over the evidence."""
        return sum(one.points for one in self.evidence)

    @property
    def time(self) -> int:
        """Onset of its own kind, else of the first that names it."""
        return self.anomaly.time if self.anomaly else self.naming.anomaly.time if self.naming else 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Suspects, the likeliest first, and how sure the first is."""

    suspects: tuple[Suspect, ...]
    confidence: Confidence


def rank(
    anomalies: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    edges: Sequence[Edge],
    nodes_with_log: frozenset[str],
    *,
    has_times: bool,
    silences: Mapping[str, Silence] | None = None,
    novelties: Sequence[Novelty] = (),
) -> Ranking:
    """Rank every node that fails or is blamed.

    Args:
        anomalies: Kinds of the incident and changes before it, by onset.
        onsets: Main onset of each failing node.
        edges: Who blames whom.
        nodes_with_log: Nodes that have a file here.
        has_times: The files carry times; without them order says nothing.
        silences: By node, logs that stopped when it began.
        novelties: Ordinary lines of new kinds just before it began.
    """
    led = reach(edges, onsets)
    main = median(one.time for one in onsets.values()) if onsets else 0
    suspects: list[Suspect] = []
    new_by_node: dict[str, list[Novelty]] = {}
    for novelty in novelties:
        new_by_node.setdefault(novelty.anomaly.node, []).append(novelty)
    for node in sorted({one.node for one in anomalies} | {edge.callee for edge in edges} | set(new_by_node)):
        words = [edge for edge in edges if edge.callee == node and not edge.shared_ids]
        naming = max(words, key=lambda e: (e.weight, -e.anomaly.time), default=None)
        own = [one for one in anomalies if one.node == node]
        if any(one.kind.is_failure or one.kind.is_cause_like for one in own):
            # A change or a start of a node that also fails is what set it off, not what broke.
            own = [one for one in own if one.kind.is_failure or one.kind.is_cause_like]
        reasons = [one for one in own if _is_own_reason(one)]
        # Who dies says why before its supervisor tells that it died.
        own = [one for one in own if one.kind.node == node or all(one.time < reason.time for reason in reasons)]
        reach_evidence = _judge_reach(node, led.get(node, {}), onsets, edges)
        options = [_judge_own(one, naming, anomalies, onsets, edges, int(main), has_times) for one in own]
        own_logs = {one.kind.view.key for one in own if one.kind.is_cause_like}
        for novelty in new_by_node.get(node, ()):
            if own_logs and novelty.anomaly.kind.view.key not in own_logs:
                # Another log tells something new of a node whose own says what broke: that may have set it off.
                continue
            if any(_is_reason_of(one, novelty.anomaly) for one in own):
                # It starts, and a moment later says why it cannot.
                continue
            suspect = _judge_own(novelty.anomaly, naming, anomalies, onsets, edges, int(main), has_times)
            text = "is of a kind that this log did not hold before"
            suspect.evidence.append(Evidence("novel", NOVEL * novelty.rarity, text, (onset_ref(novelty.anomaly),)))
            options.append(suspect)
        if naming is not None and not any(one.anomaly and not _is_only_state(one.anomaly) for one in options):
            phantom = _judge_phantom(node, naming, onsets, edges, nodes_with_log)
            _take_over_change(phantom, options, node)
            if silences and node in silences:
                phantom.evidence.append(_judge_silence(silences[node]))
            options.append(phantom)
        if not options:
            continue
        # Of equals what a server says itself: a line of an access log tells what users got.
        best = max(options, key=lambda s: (round(s.points, 2), not _is_request(s), -s.time, -_line_of(s)))
        if reach_evidence:
            best.evidence.insert(0, reach_evidence)
        suspects.append(best)
    suspects.append(Suspect(OUTSIDE, None, None))
    suspects.sort(key=lambda s: (-round(s.points, 2), s.node == OUTSIDE, s.time, s.node))
    weights = [exp(min(s.points, 50.0) / TEMPERATURE) for s in suspects]
    total = sum(weights)
    for suspect, weight in zip(suspects, weights, strict=True):
        suspect.probability = min(HIGHEST_PROBABILITY, weight / total)
    is_explained = not has_times or _explains_the_first(suspects[0], led, onsets)
    return Ranking(tuple(suspects), _confidence(suspects, has_times, is_explained=is_explained))


def _line_of(suspect: Suspect) -> int:
    """Where its line stands: stamps of whole seconds do not tell which of a log's lines came first."""
    return onset_ref(suspect.anomaly).line if suspect.anomaly is not None else 0


def _is_request(suspect: Suspect) -> bool:
    return suspect.anomaly is not None and suspect.anomaly.kind.is_request


def _is_own_reason(one: Anomaly) -> bool:
    """A log that says itself what broke: no fault in its code, which may be what followed."""
    kind = one.kind
    return kind.node == one.node and kind.is_failure and kind.is_cause_like and kind.meaning.cls is not RuleClass.BUG


def _is_reason_of(one: Anomaly, new: Anomaly) -> bool:
    """A log says what broke right behind a new ordinary line: that line only led there."""
    return _is_own_reason(one) and one.kind.view.key == new.kind.view.key and 0 <= one.time - new.time <= _SOON_US


def _judge_reach(
    node: str, led: Mapping[str, float], onsets: Mapping[str, Anomaly], edges: Sequence[Edge]
) -> Evidence | None:
    others = [other for other, one in onsets.items() if other != node and not one.kind.is_request]
    share = sum(led.get(other, 0.0) for other in others) / len(others) if others else 0.0
    if share <= 0:
        return None
    leading = sorted((e for e in edges if e.callee == node), key=lambda e: e.anomaly.time)
    naming = [edge for edge in leading if not edge.shared_ids]
    calling = sorted((edge.caller, edge.shared_ids) for edge in leading if edge.shared_ids)
    callers = sorted({edge.caller for edge in leading})
    records = sum(edge.anomaly.kind.count for edge in naming)
    further = len([other for other in led if other not in callers])
    parts = [f"named by {_join(sorted({e.caller for e in naming}))} ({records:,} records)"] if naming else []
    parts += [f"called by {caller} ({ids:,} shared ids)" for caller, ids in calling]
    text = ", ".join(parts)
    if further:
        text += f", {further} more {'fails' if further == 1 else 'fail'} behind {'them' if len(callers) > 1 else 'it'}"
    return Evidence("reach", REACH * share, text, tuple(onset_ref(e.anomaly) for e in leading[:4]))


def _judge_own(
    one: Anomaly,
    naming: Edge | None,
    anomalies: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    edges: Sequence[Edge],
    main: int,
    has_times: bool,
) -> Suspect:
    suspect = Suspect(one.node, one, naming)
    here = (onset_ref(one),)
    others = [other for node, other in onsets.items() if node != one.node and not other.kind.is_request]
    if others and has_times:
        suspect.evidence.append(_judge_order(_first_of(one, anomalies), others))
    meaning = one.kind.meaning
    blamed = _whom_it_blames(one, edges)
    own_share = 1.0 - (blamed.weight if blamed else 0.0)
    if meaning.kind is MeaningKind.CAUSE:
        # Words of a cause in a line that names another node are quoted from there.
        points = (BUG if meaning.cls is RuleClass.BUG else CAUSE) * own_share
        if points > 0.05:
            text = f"says {_quote(meaning.words)}: {meaning.describe()}"
            suspect.evidence.append(Evidence("cause", points, text, here))
    elif meaning.kind is MeaningKind.CHANGE:
        suspect.evidence.append(Evidence("change", CHANGE, f"is a change: {meaning.describe()}", here))
    elif meaning.kind is MeaningKind.STATE and not one.kind.is_failure:
        suspect.evidence.append(Evidence("state", STATE, f"changes its state: {meaning.describe()}", here))
    elif meaning.kind is MeaningKind.SYMPTOM:
        suspect.evidence.append(
            Evidence("symptom", SYMPTOM, f"reports a failing dependency: {meaning.describe()}", here)
        )
    if one.kind.is_request:
        suspect.evidence.append(Evidence("served", SERVED, "tells what users got, not why", here))
    if blamed is not None:
        suspect.evidence.append(Evidence("blame", BLAME * blamed.weight, f"its lines name {blamed.callee}", here))
    if has_times and one.time < main and others:
        lag = LAG * (1.0 - exp(-max(0, main - one.time - LAG_GRACE_US) / LAG_SCALE_US))
        if lag < -0.1:
            suspect.evidence.append(Evidence("lag", lag, f"began {span(main - one.time)} before the rest", here))
        if one.last < main - ENDED_MARGIN_US and meaning.kind not in (MeaningKind.CAUSE, MeaningKind.CHANGE):
            suspect.evidence.append(Evidence("ended", ENDED, "was over before the rest began", here))
    return suspect


def _first_of(one: Anomaly, anomalies: Sequence[Anomaly]) -> Anomaly:
    """The node's earliest strong sign: a warning that led up to the failure, and did not end before, is part of it."""
    earlier = [
        a
        for a in anomalies
        if a.node == one.node
        and a.is_strong
        and a.kind.is_failure
        and a.time <= one.time
        and a.last >= one.time - ENDED_MARGIN_US
    ]
    return min(earlier, key=lambda a: a.time, default=one)


def _whom_it_blames(one: Anomaly, edges: Sequence[Edge]) -> Edge | None:
    """The strongest edge that rests on this kind's own words; None where it names nobody that may be blamed."""
    found = []
    for edge in edges:
        if edge.caller != one.node or edge.shared_ids:
            continue
        own_weight = one.kind.mentions.get(edge.callee, 0.0)
        if edge.anomaly.kind.id == one.kind.id:
            found.append(edge)
        elif own_weight:
            found.append(replace(edge, weight=min(edge.weight, own_weight), anomaly=one))
    return max(found, key=lambda e: e.weight, default=None)


def _judge_order(one: Anomaly, others: Sequence[Anomaly]) -> Evidence:
    score = 0.0
    for other in others:
        distance = (other.time - one.time) / pair_sigma_us(one, other)
        score += erf(distance / sqrt(2.0))
    points = ORDER * score / len(others)
    nearest = min(others, key=lambda other: other.time)
    gap = nearest.time - one.time
    sigma = pair_sigma_us(one, nearest)
    refs = (onset_ref(one), onset_ref(nearest))
    if abs(gap) <= 2 * sigma:
        return Evidence("order", points, f"began with the first (within the stamps' {span(int(sigma))})", refs)
    if gap > 0:
        return Evidence("order", points, f"first by {span(gap)} (± {span(int(sigma))})", refs)
    return Evidence("order", points, f"began {span(-gap)} after {nearest.node}", refs)


def _judge_phantom(
    node: str, naming: Edge, onsets: Mapping[str, Anomaly], edges: Sequence[Edge], nodes_with_log: frozenset[str]
) -> Suspect:
    suspect = Suspect(node, None, naming)
    callers = [edge for edge in edges if edge.callee == node and not edge.shared_ids]
    refs = tuple(onset_ref(edge.anomaly) for edge in callers[:3])
    how = "its own log shows nothing" if node in nodes_with_log else "its own log was not given"
    suspect.evidence.append(Evidence("phantom", PHANTOM, f"is named, and {how}", refs))
    first = min(callers, key=lambda e: e.anomaly.time)
    others = [other for name, other in onsets.items() if name != first.caller and not other.kind.is_request]
    if others:
        order = _judge_order(first.anomaly, others)
        if order.points > 0:
            text = f"the first line that names it is {order.text}"
            suspect.evidence.append(Evidence("order", order.points * 0.5, text, order.lines))
    quoted = next((e for e in callers if e.anomaly.kind.is_cause_like), None)
    if quoted is not None and quoted.anomaly.kind.meaning.cls is not RuleClass.BUG:
        words = quoted.anomaly.kind.meaning
        text = f"{quoted.caller} reports {_quote(words.words)} of it: {words.describe()}"
        suspect.evidence.append(Evidence("testimony", TESTIMONY, text, (onset_ref(quoted.anomaly),)))
        suspect.naming = quoted
    return suspect


def _take_over_change(phantom: Suspect, options: list[Suspect], node: str) -> None:
    """A change of a node that another log tells (a release) sets it off; what broke is what its callers say of it."""
    changes = [
        evidence
        for one in options
        if one.anomaly is not None and one.anomaly.kind.node != node
        for evidence in one.evidence
        if evidence.kind == "change"
    ]
    phantom.evidence += changes[:1]
    if changes:
        options[:] = [one for one in options if one.anomaly is None or one.anomaly.kind.node == node]


def _judge_silence(silence: Silence) -> Evidence:
    """Who is named and stops writing hangs or is gone."""
    text = f"its own log, {silence.usual_per_s:.1f} records/s before, falls silent"
    if silence.end is not None:
        text += f" for {span(silence.end - silence.start)}"
    return Evidence("silence", SILENT, text, (silence.last,) if silence.last is not None else ())


def _is_only_state(one: Anomaly) -> bool:
    """A start, stop or change at a level below warning: no failure of its own."""
    return not one.kind.is_failure and one.kind.meaning.kind is not MeaningKind.CAUSE


def _explains_the_first(top: Suspect, led: Mapping[str, Mapping[str, float]], onsets: Mapping[str, Anomaly]) -> bool:
    """Whether nobody failed clearly before a suspect who is not led to it by what its lines name."""
    if top.anomaly is None:
        return True
    for node, other in onsets.items():
        is_led = node in led.get(top.node, {}) or top.node in other.kind.mentions
        is_other = node != top.node and not other.kind.is_request and not is_led
        if is_other and other.time < top.time - 2 * pair_sigma_us(top.anomaly, other):
            return False
    return True


def _confidence(suspects: Sequence[Suspect], has_times: bool, *, is_explained: bool) -> Confidence:
    if not suspects:
        return Confidence.LOW
    top = suspects[0]
    margin = top.points - max(0.0, suspects[1].points if len(suspects) > 1 else 0.0)
    if top.node == OUTSIDE:
        return Confidence.MEDIUM if top.probability >= 0.5 else Confidence.LOW
    families = {_FAMILY.get(one.kind, one.kind) for one in top.evidence if one.points > 0.25}
    has_baseline = top.anomaly.has_baseline if top.anomaly else True
    if not is_explained and not any(one.kind == "cause" and one.points > BUG for one in top.evidence):
        # Somebody fell before it, and it does not say why: not even likely.
        return Confidence.LOW
    is_clear = top.probability >= 0.8 and margin >= 1.5 and len(families) >= 2
    if is_clear and has_times and has_baseline and is_explained:
        return Confidence.HIGH
    return Confidence.MEDIUM if top.probability >= 0.5 else Confidence.LOW


_FAMILY: Final = {
    "order": "time",
    "reach": "dependency",
    "phantom": "dependency",
    "cause": "words",
    "testimony": "words",
}


def span(us: int) -> str:
    """A duration for a sentence: `4.7 s`, `3 min 24 s`, `2 h 5 min`."""
    seconds = us / US
    if seconds < 1:
        return f"{max(1, round(us / 1000))} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def onset_ref(one: Anomaly) -> LineRef:
    """Place of the record at an onset."""
    if not len(one.kind.table):
        return one.kind.first_ref()
    return one.kind.ref_at(one.kind.row_at(one.time))


def _quote(words: str) -> str:
    return f'"{words}"' if words else "it"


def _join(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""
