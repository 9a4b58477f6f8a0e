"""What the lines of an incident show that calls for work afterwards: late alerts, retries, starving pools, null."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.advice import Finding, FindingKind
from logscope.knowledge.rule import Rule, RuleClass
from logscope.model.causes import Confidence, Trigger
from logscope.model.files import LineRef
from logscope.model.incident import Incident
from logscope.model.recovery import Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US, span

_LATE_US: Final = 2 * MINUTE_US
"""An alert that comes later than this after the first error is late."""
_WAITED_US: Final = 2 * MINUTE_US
"""Callers that wait for a failed dependency for longer than this lack a breaker."""
_MANY: Final = 100
"""Records from which retries, or calls that wait in vain, are a storm rather than a hiccup."""
_LOOP: Final = 3
"""Exits from which on a process dies again and again."""
_RETRIES: Final = re.compile(
    r"(?i)(?<!\bmax )(?<!\bno )(?<!\bnot )(?<!\bwithout )\bre-?tr(?:y|ies|ied|ying)\b(?! exhausted)"
    r"|\battempt \d{1,4}(?: of |/)\d"
)
"""Words by which a caller says that it tries again; the sense by rule may be another one.

`Max retries exceeded` is said by Python's requests of a call that was made once as well.
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What advice depends on beside the suspect itself."""

    trigger: Trigger | None
    incident: Incident
    recovery: Recovery
    part_of: Sequence[Anomaly]
    """Kinds of the incident, by onset."""
    alert_ref: LineRef | None
    """Line of the first alert, if there is one."""
    names: Names
    """Whose log a server's own lines would stand in, and whom an address means."""
    find_silent: Callable[[str], Sequence[Rule]]
    """Rules about what a service does not log."""
    confidence: Confidence
    """How surely candidate 1 is the cause."""
    everyday: Sequence[Kind] = ()
    """Kinds of every level that say something, those that are as usual too."""
    ordinary: Sequence[Kind] = ()
    """All other kinds that are known."""


def measure(top: Suspect, around: Surroundings) -> list[Finding]:
    """What the incident's lines show that calls for work afterwards, each with its lines."""
    failing = [one for one in around.part_of if one.kind.is_failure]
    seen = [one for one in failing if one.kind.is_request] or failing
    first = min(seen, key=lambda a: a.time, default=None)
    first_ref = (onset_ref(first),) if first is not None else ()
    return [
        *_about_alerts(around, first_ref),
        *_about_early_signs(top, around, failing),
        *_about_exits(top, failing),
        *_about_callers(top, failing, around.recovery),
        *_about_pools(top, failing),
        *_about_herd(around.recovery, failing),
        *_about_background(top, around, failing),
        *_about_silence(top, around.names, failing),
    ]


def _about_alerts(around: Surroundings, first_ref: tuple[LineRef, ...]) -> Iterable[Finding]:
    gap = around.incident.detection_gap_us
    if gap is not None and gap > _LATE_US and around.alert_ref is not None:
        text = f"the alert came {span(gap)} after the first error"
        yield Finding(FindingKind.LATE_ALERT, text, (around.alert_ref, *first_ref))
    elif around.incident.detected_at is None and first_ref:
        yield Finding(FindingKind.NO_ALERT, "nothing in these logs tells that a person was alerted", first_ref)


def _about_early_signs(top: Suspect, around: Surroundings, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    """Warnings of what broke, or of what set it off, before the first failure."""
    errors = [one.time for one in failing if one.kind.severity >= Severity.ERROR or one.kind.is_request]
    first = min([*errors, top.time])
    near = {top.node, around.trigger.service if around.trigger else top.node}
    for one in failing:
        if one.time < first - US and one.kind.severity == Severity.WARN and near & {one.node, one.kind.service}:
            text = f"{one.kind.service} warned {span(first - one.time)} before the first failure: {one.kind.headline}"
            yield Finding(FindingKind.EARLY_SIGN, text, (onset_ref(one),), one.kind.service)
            return


def _about_exits(top: Suspect, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    """The likeliest cause died several times."""
    crashes = [one for one in failing if one.kind.meaning.cls is RuleClass.CRASH and one.node == top.node]
    # That something could not be made is of the class as well, and ends nobody.
    exits = [one for one in crashes if one.kind.match is not None or _ENDS.search(one.kind.headline)]
    loudest = max(exits, key=lambda one: (one.kind.count, one.kind.order), default=None)
    if loudest is not None and loudest.kind.count >= _LOOP:
        lasted = span(max(US, loudest.last - loudest.time))
        text = f"{top.node} ended {loudest.kind.count:,} times in {lasted}: {loudest.kind.headline}"
        yield Finding(FindingKind.CRASH_LOOP, text, (onset_ref(loudest),), top.node)


_ENDS: Final = re.compile(
    r"(?i)\b(?:exit(?:s|ed|ing)?|ended|terminat\w{2,5}|kill(?:s|ed|ing)|crash\w{0,5}|died|dead|abort(?:ed|s|ing)|panic\w{0,5}"
    r"|core dumped|restart\w{0,3}|back-?off|oom|out of memory|sig(?:kill|term|segv|abrt|bus|ill))\b"
)
"""Words by which a line tells that a process came to its end."""


def _about_callers(top: Suspect, failing: Sequence[Anomaly], recovery: Recovery) -> Iterable[Finding]:
    callers = [one for one in failing if one.node != top.node and not one.kind.is_request]
    retrying = [one for one in callers if one.kind.count >= _MANY and _RETRIES.search(one.kind.headline)]
    for one in _one_per_service(retrying):
        text = f"{one.kind.service} tried again {one.kind.count:,} times: {one.kind.headline}"
        yield Finding(FindingKind.RETRY_STORM, text, (onset_ref(one),), one.kind.service)
    for one in _one_per_service([one for one in callers if _fails_on_null(one)]):
        text = f"{one.kind.service} fails in its own code ({one.kind.count:,} records) after {top.node} broke"
        yield Finding(FindingKind.NULL_AFTER_DEPENDENCY, text, (onset_ref(one),), one.kind.service)
    if any(one.kind.meaning.cls is RuleClass.CIRCUIT_OPEN for one in failing):
        return
    waiting = [
        one
        for one in callers
        if one.kind.meaning.cls is RuleClass.TIMEOUT
        and one.kind.count >= _MANY
        and _until(one, recovery) - one.time >= _WAITED_US
    ]
    for one in _one_per_service(waiting):
        lasted = span(_until(one, recovery) - one.time)
        text = f"{one.kind.service} waited in vain {one.kind.count:,} times over {lasted}: {one.kind.headline}"
        yield Finding(FindingKind.MISSING_BREAKER, text, (onset_ref(one),), one.kind.service)


def _fails_on_null(one: Anomaly) -> bool:
    """Its own code met nothing where it expected an answer; a framework that passes on what others said did not."""
    return one.kind.meaning.cls is RuleClass.BUG and _NULL.search(one.kind.headline) is not None


_NULL: Final = re.compile(r"(?i)null|\bundefined\b|\bNoneType\b|\bNone\b|\bnil\b")
"""What languages call the answer that is missing."""


def _about_pools(top: Suspect, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    """Callers run out of pooled connections while somebody else is what broke.

    Where none can be opened because access is refused, pools stand empty whatever their callers do with them.
    """
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    if shown is not None and shown.kind.meaning.cls is RuleClass.SECURITY:
        return
    starving = [one for one in failing if one.node != top.node and is_starving(one.kind.headline)]
    for one in _one_per_service(starving):
        text = f"{one.kind.service} waited for a pooled connection {one.kind.count:,} times: {one.kind.headline}"
        yield Finding(FindingKind.POOL_STARVATION, text, (onset_ref(one),), one.kind.service)


@lru_cache(maxsize=4096)
def is_starving(headline: str) -> bool:
    """Whether a line says that no connection of a pool was free."""
    return _STARVING.search(headline) is not None


_STARVING: Final = re.compile(
    # What is rare is asked first.
    r"(?i)(?=\bno (?:free |idle |available )?connection"
    r"|could not (?:get|obtain|acquire) (?:a )?connection|unable to (?:acquire|check ?out)"
    r"|connection is not available|tim(?:ed )?[- ]?out waiting for (?:a )?(?:idle )?connection"
    r"|pool (?:is |was )?(?:exhausted|empty)|queuepool limit)(?=.{0,400}\bpool)"
)


def _about_background(top: Suspect, around: Surroundings, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    """What filled up was to be kept small by somebody who said all along that nothing is done."""
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    if shown is None or shown.kind.meaning.cls not in (RuleClass.EXHAUSTION, RuleClass.STORAGE):
        return
    near = {one.kind.service for one in failing} | {top.node}
    said = sorted(
        (k for k in around.everyday if k.severity >= Severity.WARN and k.first_seen is not None),
        key=lambda k: (k.first_seen or 0, k.id),
    )
    for kind, pattern in ((FindingKind.SILENT_JOB, _IDLE_JOB), (FindingKind.MISSING_EXPIRY, _NO_EXPIRY)):
        for one in said:
            early = one.first_seen is not None and one.first_seen < top.time
            if early and ({one.service, one.node} & near or top.node in one.mentions) and _says(pattern, one.headline):
                text = f"{one.service} said {one.count:,} times, the first before it began: {one.headline}"
                yield Finding(kind, text, (one.first_ref(),), one.service)
                break


@lru_cache(maxsize=8192)
def _says(pattern: re.Pattern[str], headline: str) -> bool:
    return pattern.search(headline) is not None


_IDLE_JOB: Final = re.compile(
    # What is rare is asked first.
    r"(?i)(?=\bnot (?:registered|scheduled|running|enabled|configured|found)|\bdisabled\b|\bskipp\w+|\bdid not run\b"
    r"|\bnever ran\b|\bno such (?:job|task)|\bmissed\b|\bfailed\b|\b0 of [1-9]|\bremoved 0\b|\bdeleted 0\b)"
    r"(?=.{0,400}\b(?:job|task|cron\w*|clean-?up|cleaner|clean(?:ing|ed)|sweep\w*|purg\w+|vacuum\w*|expir\w+|reap\w+"
    r"|evict\w+|rotat\w+|retention|compact\w+|housekeep\w+|prun\w+|backup)\b)"
)
"""A job that keeps something small, and that it does not."""
_NO_EXPIRY: Final = re.compile(
    r"(?i)\b(?:without|no|missing|lack\w*) (?:an? |any )?(?:expir\w+|ttl|time[- ]to[- ]live|retention)\b"
    r"|\bnever expires?\b"
)


def _until(one: Anomaly, recovery: Recovery) -> int:
    """Its last record, but at most the end of the incident: everyday records go on."""
    return min(one.last, recovery.since) if recovery.over and recovery.since is not None else one.last


def _about_herd(recovery: Recovery, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    waves = [wave for wave in recovery.waves if wave.kind == "herd"]
    if recovery.verdict is not Verdict.HERD or not waves:
        return
    wave = waves[-1]
    inside = [one for one in failing if one.kind.between(wave.start, wave.end)]
    if not inside:
        return
    # Of whoever wrote the records that are counted, where that is known.
    own = [one for one in inside if one.kind.service == wave.service] or inside
    loudest = max(own, key=lambda one: (one.kind.between(wave.start, wave.end), one.kind.order))
    whose = f"{wave.service}: " if wave.service else ""
    text = (
        f"{whose}{wave.count:,} records in the {span(wave.end - wave.start)} of the burst behind the fix,"
        f" up to {wave.peak_per_s:.0f}/s"
    )
    ref = loudest.kind.ref_at(loudest.kind.row_at(wave.start))
    yield Finding(FindingKind.HERD, text, (ref,))


def _about_silence(top: Suspect, names: Names, failing: Sequence[Anomaly]) -> Iterable[Finding]:
    if top.anomaly is None and top.naming is not None and not any(one.kind.node == top.node for one in failing):
        silent = "its own log shows nothing of it" if names.has_log(top.node) else "its own log is not among these"
        text = f"{top.node} is blamed, and {silent}"
        yield Finding(FindingKind.SILENT_CAUSE, text, (onset_ref(top.naming.anomaly),), top.node)


def _one_per_service(found: Sequence[Anomaly]) -> list[Anomaly]:
    """The loudest of each service, by onset."""
    best: dict[str, Anomaly] = {}
    for one in found:
        if one.kind.service not in best or one.kind.count > best[one.kind.service].kind.count:
            best[one.kind.service] = one
    return sorted(best.values(), key=lambda one: (one.time, one.kind.order))
