"""Sections of work: actions, what is left behind, follow-ups, who need not be woken, open questions."""

from collections.abc import Sequence

from logscope.analysis.story.attempts import find_attempts
from logscope.model.advice import Action, Risk
from logscope.model.causes import OUTSIDE, Link, RuledOut
from logscope.model.incident import EventKind, NumberChange
from logscope.model.recovery import FixOrigin
from logscope.report.cause import tell_own_log
from logscope.report.impact import find_unlogged
from logscope.report.markup import fence
from logscope.report.moments import find_ending
from logscope.report.page import Page
from logscope.report.rows import tidy
from logscope.report.wording import WHEN_OVER, count_of, join_ruled_out, left_behind, sentence
from logscope.text.safe_text import safe_text

_MOST_RULED_OUT = 12
"""Services in either list."""
_MOST_KINDS_BESIDE = 2


def write_actions(page: Page) -> list[str]:
    """What to check, do and leave, in the order of work. Nothing here was run."""
    actions = page.snapshot.actions
    lines: list[str] = []
    for title, listed in (
        ("Check (read only)", actions.check),
        ("Do, in this order", actions.do),
        ("Do not", actions.avoid),
    ):
        if listed:
            lines += ["", f"### {title}", ""]
            for number, action in enumerate(listed, 1):
                lines += _action(page, number, action)
    if not lines:
        return []
    sources = {
        action.rule: action.source
        for action in (*actions.check, *actions.do, *actions.avoid)
        if action.rule is not None
    }
    if sources:
        told = "; ".join(f"`{rule}`: {page.source(source)}" for rule, source in sources.items())
        lines += ["", f"By rule {told}."]
    lines += ["", "Nothing was run. What stands in `<...>` no line tells: fill it in."]
    over = page.snapshot.recovery.over
    when = ["", WHEN_OVER] if over else []
    return ["## Immediate actions", *when, *lines]


def _action(page: Page, number: int, action: Action) -> list[str]:
    risk = "" if action.risk is Risk.SAFE else f" **[{action.risk.value}]**"
    rule = f" (`{action.rule}`)" if action.rule else ""
    lines = [f"{number}. {page.text(action.text, 500)}{risk}{rule}"]
    if action.command:
        commands = [safe_text(line) for line in page.clean(action.command).split("\n")]
        lines += [f"   {line}" for line in fence(commands, "sh")]
    if action.undo:
        lines.append(f"   Undo: {page.text(action.undo)}")
    return lines


def write_unfinished(page: Page) -> list[str]:
    """What began and did not end, ended twice, or was told failed and done."""
    if not page.snapshot.unfinished:
        return []
    lines = ["## Unfinished work", ""]
    for u in page.snapshot.unfinished:
        ids = ", ".join(page.code(one, 60) for one in u.ids[:5])
        more = f" and {u.count - 5:,} more" if u.count > 5 else ""
        lines.append(f"- {page.text(left_behind(u), 300)}: {ids}{more} ({page.refs(u.lines)})")
    return lines


def write_follow_up(page: Page) -> list[str]:
    """Work for later, each item with the lines that it rests on."""
    if not page.snapshot.actions.follow_up:
        return []
    lines = ["## Follow-ups", ""]
    for f in page.snapshot.actions.follow_up:
        rests = f"rule `{f.rule}`" if f.rule else page.text(tidy(f.reason))
        lines.append(f"- [ ] {page.text(f.text.rstrip('.'))}. Rests on: {rests} ({page.refs(f.lines)})")
    return lines


def write_ruled_out(page: Page) -> list[str]:
    """Red herrings: who need not be woken, what was logged meanwhile and is no part of it, and why."""
    involved = {entry.service for entry in page.snapshot.timeline if entry.kind is EventKind.ALERT}
    cited = {ref for f in page.snapshot.actions.follow_up for ref in f.lines}
    faults = (wave.fault for wave in page.snapshot.recovery.waves if wave.fault is not None)
    involved |= {fault.trigger.service for fault in faults if fault.trigger is not None}
    involved |= {page.top.trigger.service} if page.top is not None and page.top.trigger is not None else set()
    # A monitor that spoke is no suspect, whose change it was is one; what a follow-up rests on is no red herring.
    shown = [r for r in page.snapshot.ruled_out if r.service not in involved and not cited.intersection(r.lines)]
    services = [f"- **{page.text(r.service)}**: {page.text(r.reason, 160)}" for r in _join_services(shown)]
    by_service: dict[str, list[RuledOut]] = {}
    for one in shown:
        if one.lines:
            by_service.setdefault(one.service, []).append(one)
    kinds = [_tell_kinds_beside(page, service, found) for service, found in by_service.items()]
    lines = ["## Ruled out"]
    lines += ["", *_bound(services, "service")] if services else []
    lines += ["", "Logged meanwhile, and no part of it:", "", *_bound(kinds, "service")] if kinds else []
    return lines if services or kinds else []


def _join_services(shown: Sequence[RuledOut]) -> list[RuledOut]:
    return join_ruled_out([one for one in shown if not one.lines])


def _tell_kinds_beside(page: Page, service: str, found: Sequence[RuledOut]) -> str:
    """Some kinds of one service with their lines; how many more there are."""
    told = [f"{page.text(one.reason, 160)} ({page.refs(one.lines, 2)})" for one in found[:_MOST_KINDS_BESIDE]]
    told += [f"{len(found) - _MOST_KINDS_BESIDE} more"] if len(found) > _MOST_KINDS_BESIDE else []
    return f"- {page.text(service)}: {'; '.join(told)}"


def _bound(lines: Sequence[str], what: str) -> list[str]:
    rest = len(lines) - _MOST_RULED_OUT
    return [*lines[:_MOST_RULED_OUT], *([f"- and {count_of(rest, f'more {what}')}"] if rest > 0 else [])]


def write_open_questions(page: Page) -> list[str]:
    """What these lines do not answer, and only a person can."""
    s, top = page.snapshot, page.top
    if s.incident is None or top is None:
        return []
    questions = [*_about_cause(page), *_about_recovery(page)]
    if s.incident.detected_at is None:
        questions.append("When and how did a person learn of it?")
    elif s.incident.detection_gap_us is not None and s.incident.detection_gap_us > 0:
        questions.append("Who noticed before the alert: customers, support? No line tells.")
    if s.incident.success_rate.during is None:
        unlogged = find_unlogged(page)
        is_told = unlogged is not None and unlogged.event in s.incident.success_note
        why = "No line tells." if is_told else page.text(sentence(s.incident.success_note))
        questions.append(f"How many users were hit? {why}")
    if s.unfinished:
        questions.append("Who repairs the unfinished work, and were the customers told?")
    return ["## Open questions", "", *(f"- {q}" for q in questions)] if questions else []


def _about_cause(page: Page) -> Sequence[str]:
    s, top = page.snapshot, page.top
    assert s.incident is not None, "questions belong to an incident"
    assert top is not None, "an incident has a candidate"
    found = []
    if top.is_set_off_by_itself:
        found.append("Who or what made it happen? Nothing before the cause is known.")
    elif top.trigger is None:
        found.append(f"What set it off? No change before {page.at(page.begin)} is in these logs.")
    elif top.trigger.link is Link.TIME:
        found.append("Did the change really set it off? It is linked by time only.")
    # Where nothing failed nothing has reached a limit.
    found += [
        f"What limit does {page.code(one.name, 60)} of {page.text(one.service)} run into? No line states it."
        for one in s.numbers[: 1 if page.rows else 0]
        if one.service == top.service and _nears_unknown_limit(one)
    ]
    mechanism = s.actions.mechanism
    if mechanism is not None and mechanism.usual_causes and top.trigger is None:
        background = [ref for one in s.actions.follow_up if one.is_background for ref in one.lines]
        found.append(
            f"Was it what was said all along ({page.refs(background)}) that brought it about? No line links the two."
            if background
            else "Which of the usual causes was it here (see *Why it happened*)? These lines do not tell."
        )
    if not top.in_logs and top.service != OUTSIDE and top.told_since is None:
        found.append(f"What does {page.text(top.service)} itself say? Its log {tell_own_log(page, top)}.")
    return found


def _nears_unknown_limit(one: NumberChange) -> bool:
    """It rose towards something that no line states; a setting that was another one before rises to nothing."""
    return one.alert_at_80 is None and not one.is_full and not one.is_state and one.after > one.before


def _about_recovery(page: Page) -> Sequence[str]:
    recovery = page.snapshot.recovery
    if not recovery.over:
        faults = [(wave, wave.fault.trigger) for wave in recovery.waves if wave.fault is not None]
        asked = [
            f"Did {page.text(trigger.service)} set the {recovery.name_wave(wave)} off?"
            for wave, trigger in faults
            if trigger is not None
        ]
        ending = find_ending(page)
        if ending is None:
            return [*asked, "What has been tried?"]
        where = page.ref(ending.file, ending.line)
        return [*asked, f"Was the change of {page.at(ending.time)} ({where}) meant to end it, and what else was tried?"]
    if recovery.fix_origin is FixOrigin.MARKED:
        late = [one for one in find_attempts(page.snapshot) if one.went_on_us]
        return [
            f"Was it the fix of {page.at(one.time)} that ended it? {sentence(one.tell_outcome(''))}" for one in late
        ]
    ending = find_ending(page)
    if ending is None:
        return ["Who fixed it, and how? The fix is seen by its effect, not logged."]
    place = page.ref(ending.file, ending.line)
    return [f"Was it the change of {page.at(ending.time)} ({place}) that ended it, who made it, and does it last?"]
