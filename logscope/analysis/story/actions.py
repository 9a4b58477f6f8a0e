"""What to do: the knowledge's advice on the first candidate, and follow-ups from what was measured."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.kinds.components import components
from logscope.analysis.kinds.entities import Names
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.story.candidates import tell_line
from logscope.analysis.story.ended import End, find_end
from logscope.analysis.story.findings import Surroundings, is_starving, measure
from logscope.knowledge.advice import Adviser, Harm, load_adviser
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import Rule, RuleClass
from logscope.knowledge.undoing import MEASURED, LaterChange, passes
from logscope.model.advice import Action, Actions, Risk
from logscope.model.causes import Confidence, Link, Trigger
from logscope.model.files import LineRef
from logscope.model.recovery import Recovery, Wave
from logscope.model.times import MINUTE_US, US

_NEAR_US: Final = MINUTE_US
"""Another line of the same mechanism stands this near to the cause's onset."""
_SURE_NAME: Final = 0.8
"""An address means a node when its host holds the node's name, or was learnt."""
_SURE: Final = {Confidence.HIGH: 2, Confidence.MEDIUM: 1, Confidence.LOW: 0}


@lru_cache(maxsize=1)
def _adviser() -> Adviser:
    return load_adviser()


def choose_actions(top: Suspect, around: Surroundings) -> Actions:
    """Advice on the likeliest cause.

    Args:
        top: Candidate 1.
        around: What else is known.
    """
    trigger = _in_force(around.trigger or _own_change(top, around), around.recovery)
    ended = None
    if trigger is not None and passes(trigger):
        ended = find_end(trigger, [*around.everyday, *around.ordinary])
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    cls: RuleClass | None = shown.kind.meaning.cls if shown else None
    told = find_rule(top, around)
    silent: Sequence[Rule] = ()
    if top.anomaly is None and told is None and cls is not RuleClass.REFUSED:
        silent = [
            rule
            for rule in around.find_silent(top.node)
            # Who refuses a password or was set otherwise answers so: a time-out is no answer at all.
            if cls is not RuleClass.TIMEOUT or rule.cls not in _ANSWERED
        ]
    refs: list[LineRef] = []
    for one in (shown, told):
        if one is not None and len(one.kind.firsts):
            refs.append(onset_ref(one))
    advised = _adviser().advise(
        told.kind.match if told is not None else None,
        cls,
        trigger,
        measure(top, around),
        _places(top, around),
        tuple(dict.fromkeys(refs)),
        silent,
        _find_unreachable(top, told, around.names),
        _find_later(trigger, around.recovery),
        is_hung=top.anomaly is None and any(one.kind == "silence" for one in top.evidence),
        ended=ended.ref if ended is not None else None,
        sustains_itself=ended is not None and _sustains_itself(ended, around),
    )
    return _add_wave(_add_standing(_add_emptied(advised, around), around), around)


def _add_emptied(advised: Actions, around: Surroundings) -> Actions:
    """Who never gives back the connections of calls that failed is restarted, once what made them fail is silent."""
    since = around.recovery.cause_silent_since
    if since is None:
        return advised
    starving = [one for one in around.part_of if is_starving(one.kind.headline) and one.last >= since + MINUTE_US]
    names = sorted({one.kind.service for one in starving})
    if not names:
        return advised
    moment = datetime.fromtimestamp(since // US, UTC)
    text = (
        f"Restart {', '.join(names)}: what broke is silent since {moment:%H:%M:%S} UTC, and the pool stays empty, as"
        " when connections of failed calls are never given back"
    )
    restart = Action(text, None, Risk.DISRUPTIVE, None, MEASURED, "none: calls that run are lost")
    return replace(advised, do=(*advised.do, restart))


def _add_standing(advised: Actions, around: Surroundings) -> Actions:
    """Who stays down until somebody starts it is seen to first, whatever took it down."""
    down = [one for one in around.part_of if one.kind.tells_standing_death] if around.recovery.standing else []
    if not down:
        return advised
    more = _adviser().advise(down[-1].kind.match, None, None, (), {}, (onset_ref(down[-1]),))
    return replace(
        advised,
        check=tuple(dict.fromkeys((*more.check, *advised.check))),
        do=tuple(dict.fromkeys((*more.do, *advised.do))),
        avoid=tuple(dict.fromkeys((*advised.avoid, *more.avoid))),
        follow_up=(*advised.follow_up, *(one for one in more.follow_up if one not in advised.follow_up)),
    )


def _sustains_itself(ended: End, around: Surroundings) -> bool:
    """What set it off has been done for a minute, and calls are waited for in vain as before (analysis.md 2d)."""
    recovery = around.recovery
    if recovery.over is not False or recovery.as_of is None:
        return False
    since = max(ended.time + MINUTE_US, recovery.as_of - MINUTE_US)
    waiting = [one for one in around.part_of if one.kind.meaning.cls is RuleClass.TIMEOUT]
    return recovery.as_of - ended.time > MINUTE_US and any(one.last >= since for one in waiting)


def advise_on_harm(harm: Harm, trigger: Trigger | None) -> Actions:
    """Advice where nothing failed: what is amiss, and what was changed, are all that is known."""
    return _adviser().advise(None, None, trigger, (), {}, harm=harm)


def _own_change(top: Suspect, around: Surroundings) -> Trigger | None:
    """What broke where that is an event itself, and no failure: it is what can be undone, stopped or asked about."""
    return None if top.anomaly is None else tell_change(top.anomaly, is_sure=around.confidence is Confidence.HIGH)


def _in_force(trigger: Trigger | None, recovery: Recovery) -> Trigger | None:
    """It failed again as soon as the same was done again: no chance, and it is the last one that is in force."""
    again = next((wave.trigger for wave in reversed(recovery.waves) if wave.trigger is not None), None)
    is_same = trigger is not None and again is not None and again.service == trigger.service
    return again if is_same else trigger


def tell_change(one: Anomaly, *, is_sure: bool) -> Trigger | None:
    """An ordinary line that is taken for the cause, as what set it off; None for a failure."""
    match = one.kind.match
    is_change = match is None or match.rule.cls is RuleClass.CHANGE
    if one.kind.is_failure or one.kind.is_cause_like or not is_change:
        return None
    ref = onset_ref(one)
    link = Link.NAMED if is_sure else Link.TIME
    return Trigger(ref.file, ref.line or 0, "", one.time, 0, link, one.kind.service, tell_line(one.kind, ref))


def _find_later(trigger: Trigger | None, recovery: Recovery) -> LaterChange | None:
    """A change like the one that set it off, after which errors fell and did not end, or came back."""
    if trigger is None or recovery.over or recovery.fix_ref is None or recovery.fix_service != trigger.service:
        return None
    if recovery.fix_at is None or recovery.fix_at < trigger.time:
        return None
    returned = any(wave.start > recovery.fix_at for wave in recovery.waves if _is_return(wave, recovery))
    return LaterChange(recovery.fix_ref, came_back=returned)


def _is_return(wave: Wave, recovery: Recovery) -> bool:
    return wave.kind == "second_wave" or wave is recovery.undecided


def _add_wave(advised: Actions, around: Surroundings) -> Actions:
    """A second wave of another kind needs advice of its own, and first: it is what fails now."""
    fault = next((wave.fault for wave in reversed(around.recovery.waves) if wave.fault is not None), None)
    shown = next((one for one in around.part_of if fault is not None and one.kind.id == fault.group), None)
    if fault is None or shown is None:
        return advised
    more = _adviser().advise(shown.kind.match, shown.kind.meaning.cls, fault.trigger, (), {}, (fault.ref,))

    def join(first: tuple[Action, ...], second: tuple[Action, ...]) -> tuple[Action, ...]:
        known = {one.text for one in first}
        return (
            *(replace(a, text=f"Second wave: {a.text}") for a in first),
            *(replace(a, text=f"First wave: {a.text}") for a in second if a.text not in known),
        )

    return replace(
        advised,
        check=join(more.check, advised.check),
        do=join(more.do, advised.do),
        avoid=join(more.avoid, advised.avoid),
        follow_up=(*advised.follow_up, *more.follow_up),
    )


def _find_unreachable(top: Suspect, told: Anomaly | None, names: Names) -> str:
    """The well-known server that clients name and cannot reach, or that says that it stops; else empty."""
    if any(one.kind == "stop" for one in top.evidence):
        return _component_of(top.node, names)
    naming = top.naming.anomaly if top.anomaly is None and top.naming else None
    if naming is None or told is not None or naming.kind.meaning.cls not in _UNREACHED:
        return ""
    return _component_of(top.node, names)


def _component_of(node: str, names: Names) -> str:
    return next((one.name for one in components() if names.node_of_component(one.name) == node), "")


_ANSWERED: Final = frozenset({RuleClass.SECURITY, RuleClass.CHANGE, RuleClass.CONFIG_CHANGE})
_UNREACHED: Final = frozenset({RuleClass.REFUSED, RuleClass.TIMEOUT, RuleClass.RESET})


def _places(top: Suspect, around: Surroundings) -> dict[str, str]:
    """Values for the placeholders of commands that say where and when: only what a line tells.

    Host and port are those under which others call it (`no answer from redis:6379`); the time is a minute before the
    line that shows the cause.
    """
    places = {"service": top.node} if top.anomaly is not None else {}
    if top.time:
        moment = datetime.fromtimestamp((top.time - MINUTE_US) // US, UTC)
        places["time"] = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    calling = sorted((one for one in around.part_of if top.node in one.kind.mentions), key=lambda one: one.time)
    for one in calling:
        for found in _ADDRESS.finditer(one.kind.headline):
            meant = around.names.mentions(found[0], "")
            if meant.get(top.node, 0.0) >= _SURE_NAME:
                return {**places, "host": found[1], "port": found[2]}
    for one in calling:
        # Who could not reach it tells of one address: that is where it called.
        called = set(_NUMERIC_ADDRESS.findall(one.kind.headline)) if one.kind.meaning.cls in _UNREACHED else set()
        if len(called) == 1:
            host, port = called.pop()
            return {**places, "host": host, "port": port}
    return places


_ADDRESS: Final = re.compile(
    r"(?<![\w.@/-])([A-Za-z][A-Za-z0-9-]{0,60}(?:\.[A-Za-z0-9-]{1,60}){0,5}):(\d{2,5})\b(?![.:]?\d)"
)
"""A host by name and its port."""
_NUMERIC_ADDRESS: Final = re.compile(r"(?<![\w.:@/-])(\d{1,3}(?:\.\d{1,3}){3}):(\d{2,5})\b(?![.:]?\d)")


def find_rule(top: Suspect, around: Surroundings) -> Anomaly | None:
    """The kind whose rule says most exactly what broke; None where no rule speaks of it.

    In this order: the line that shows the cause, unless who names it says the same more surely; another line of its own
    about the same moment; what others quote of it (a client's `OOM command not allowed` is the server's refusal,
    wherever it is written).
    """
    own = top.anomaly
    if own is not None and own.kind.match is not None and _tells_a_cause(own.kind.match):
        return _find_surer(own, top.node, around.part_of) or own
    start = top.time
    near = [
        one
        for one in around.part_of
        if one.kind.match is not None
        and _tells_a_cause(one.kind.match)
        and (one.node == top.node or _speaks_of(one.kind.match, top.node, around))
        and (one.node != top.node or abs(one.time - start) <= _NEAR_US)
    ]
    if near:
        return min(near, key=lambda one: (one.node != top.node, -_sureness(one.kind.match), one.time, one.kind.order))
    if own is not None:
        return own if own.kind.match is not None else None
    naming = top.naming.anomaly if top.naming else None
    if naming is None or naming.kind.match is None:
        return None
    # A client's complaint is not the mechanism: its rule would advise on the client. What it quotes of the server is.
    is_quote = naming.kind.is_cause_like or _speaks_of(naming.kind.match, top.node, around)
    return naming if is_quote else None


def _find_surer(own: Anomaly, node: str, part_of: Sequence[Anomaly]) -> Anomaly | None:
    """Who tells at that moment why a node refuses or is refused, where its own line knows only that it is; or None.

    A server is told that its certificate is bad. Its client knows that it has expired.
    """
    surer = [
        one
        for one in part_of
        if node in one.kind.mentions
        and abs(one.time - own.time) <= _NEAR_US
        and one.kind.meaning.cls is own.kind.meaning.cls
        and _sureness(one.kind.match) > _sureness(own.kind.match) >= 0
    ]
    return min(surer, key=lambda one: (one.time, one.kind.order), default=None)


def _tells_a_cause(match: Match) -> bool:
    return match.rule.cls.kind is MeaningKind.CAUSE


def _speaks_of(match: Match, node: str, around: Surroundings) -> bool:
    return around.names.node_of_component(match.rule.component) == node or match.rule.component == node


def _sureness(match: Match | None) -> int:
    return -1 if match is None else _SURE[match.rule.confidence]
