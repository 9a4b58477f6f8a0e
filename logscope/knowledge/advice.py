"""What to check, do and leave, and what to do afterwards: rules and measured findings to Actions. Pure; runs nothing.

Order of work: check; undo what set it off; relieve the limit; restart last. A follow-up is given only with the lines
that it rests on. Placeholders `<name>` are filled from entities and from the matched line, and only with values that a
shell takes literally; all others stay visible.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind, Rule, RuleAction, RuleClass
from logscope.knowledge.undoing import MEASURED, LaterChange, put_file_back, undo_if_it_did, undo_trigger
from logscope.knowledge.unreachable import SOURCE as UNREACHABLE
from logscope.knowledge.unreachable import advise_unreachable
from logscope.model.advice import Action, Actions, FollowUp, Mechanism, Risk
from logscope.model.causes import Trigger
from logscope.model.files import LineRef
from logscope.tables import read_table

_PLACEHOLDER: Final = re.compile(r"<([a-z][a-z0-9_]{0,39})>")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./@%+=][A-Za-z0-9_./@%+=:-]{0,119}")
"""Values that a shell takes literally and no program takes for an option."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
"""A value for `<time>`, which stands in quotes in every rule."""

_PLACES: Final = frozenset({"host", "port", "service", "unit", "namespace", "pod", "container", "time"})
"""In destructive commands only these are filled: where, never what."""


class FindingKind(StrEnum):
    """What can be measured in the lines of an incident, and calls for work."""

    LATE_ALERT = "late_alert"
    """The alert reached a person long after the first error."""
    NO_ALERT = "no_alert"
    RETRY_STORM = "retry_storm"
    """Retries multiply the load, without growing pauses."""
    NULL_AFTER_DEPENDENCY = "null_after_dependency"
    """A fault of code follows the failure of a dependency."""
    POOL_STARVATION = "pool_starvation"
    SILENT_JOB = "silent_job"
    """A job stopped or failed and nobody was told."""
    HERD = "herd"
    """Clients came back all at once after the fix."""
    SILENT_CAUSE = "silent_cause"
    """The cause's own log says nothing."""
    EARLY_SIGN = "early_sign"
    """A warning came before anything failed."""
    CRASH_LOOP = "crash_loop"
    """A process died again and again."""
    MISSING_EXPIRY = "missing_expiry"
    """Something is kept without ever expiring."""
    MISSING_BREAKER = "missing_breaker"
    """Callers waited for a dependency that had failed for long."""


class Harm(StrEnum):
    """What is amiss though no line tells of a failure."""

    SLOW = "slow"
    """Work or requests take long."""
    LOST = "lost"
    """Requests do not get here."""
    SLUMP = "slump"
    """A worker nearly stopped."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something measured, with its lines."""

    kind: FindingKind
    text: str
    """A sentence that is true of the lines: becomes the follow-up's reason."""
    lines: tuple[LineRef, ...]
    who: str = ""
    """Whose work it is; empty where it is everybody's."""


class Adviser:
    """Turns rules and findings into Actions."""

    def __init__(self, document: Mapping[str, Mapping[str, Mapping[str, object]]]) -> None:
        """Take over the texts of `advice.toml`.

        Raises:
            KeyError: A class of cause or a kind of finding has no text.
        """
        self._class_advice = {name: _read_class(name, table) for name, table in document["class"].items()}
        self._finding_text = {kind: str(document["finding"][kind]["text"]) for kind in FindingKind}
        self._finding_avoid = {
            kind: str(document["finding"][kind]["avoid"])
            for kind in FindingKind
            if "avoid" in document["finding"][kind]
        }

    def advise(
        self,
        match: Match | None,
        cls: RuleClass | None,
        trigger: Trigger | None,
        findings: Sequence[Finding],
        entities: Mapping[str, str],
        cause_lines: tuple[LineRef, ...] = (),
        silent: Iterable[Rule] = (),
        unreachable: str = "",
        later: LaterChange | None = None,
        *,
        is_hung: bool = False,
        ended: LineRef | None = None,
        sustains_itself: bool = False,
        harm: Harm | None = None,
    ) -> Actions:
        """What to do about the likeliest cause.

        Args:
            match: The rule that recognises the cause's line; None when none does.
            cls: The class of the cause by the lexicon; used where no rule matches.
            trigger: What set it off; None when it is not known.
            findings: What was measured; one without lines gives no follow-up.
            entities: Values for placeholders: host, port, service, unit, pod, namespace, container, ...
            cause_lines: Lines that show the cause: the rule's follow-ups rest on them.
            silent: Rules about what the blamed service does not log (`Matcher.find_silent`), where its own log says
                nothing: their checks are added, not their actions.
            unreachable: Well-known server that clients name and cannot reach; empty where none is.
            later: A change like the trigger that came after it and did not end the incident for good; or None.
            is_hung: Its log stopped, which is all that is known of it.
            ended: Where the trigger, work that runs for a while, says that it is done; None while it runs.
            sustains_itself: The trigger is long done, and it fails on all the same.
            harm: What is amiss though nothing failed; None where something did.

        Returns:
            Checks, actions in the order of work, what to leave, and follow-ups; empty where nothing is known.
        """
        values = {**entities, **(match.captures if match else {})}
        sheet = _Sheet()
        undo = None if trigger is None else sheet.add_way_back(trigger, later, ended)
        if sustains_itself:
            sheet.do.append(_RELIEVE)
        back = None if trigger is None or match is None else put_file_back(trigger, match.rule.component)
        if back is not None:
            # It says the same more exactly.
            sheet.do, undo = [back], back
        sheet.add_unreachable(unreachable, values)
        if match is not None:
            sheet.add_rule(match.rule, values, cause_lines)
        self._add_class(sheet, match, _name_class(match, cls, harm, is_hung=is_hung), is_asked=bool(unreachable))
        for rule in silent:
            sheet.check += [_fill(action, values, rule, rule.silent_by_design) for action in rule.checks[:1]]
            sheet.check += [_fill(action, values, rule) for action in rule.checks[1:]]
        self._add_findings(sheet, findings)
        return Actions(
            tuple(dict.fromkeys(sheet.check)),
            tuple(dict.fromkeys(_say_once(sheet.do, undo))),
            tuple(dict.fromkeys(sheet.avoid)),
            tuple(sheet.follow_up),
            None if match is None else _explain(match, cause_lines),
        )

    def _add_class(self, sheet: "_Sheet", match: Match | None, name: str, *, is_asked: bool) -> None:
        """What is true of any cause of a class.

        Args:
            sheet: Takes it.
            match: The rule that recognises the cause's line.
            name: Of the class that has something to say beside the rule; empty where none has.
            is_asked: First aid for a server that nobody reaches is given: more exact than what a class has.
        """
        advice = self._class_advice.get(name)
        if advice is not None:
            sheet.check += () if is_asked else advice.checks
            sheet.do += advice.do
            sheet.avoid += advice.avoid
        elif match is not None and not match.rule.actions and match.rule.cls.kind is Kind.CAUSE and not is_asked:
            # The rule knows what to ask and what to leave: what is to be done is what is done about any of its class.
            sheet.do += self._class_advice[match.rule.cls.value].do

    def _add_findings(self, sheet: "_Sheet", findings: Sequence[Finding]) -> None:
        """Work for later, and what not to do meanwhile, by what was measured."""
        for finding in _join_alike(findings):
            text = self._finding_text[finding.kind]
            text = f"{finding.who}: {text[:1].lower()}{text[1:]}" if finding.who else text
            is_background = finding.kind in _BACKGROUND
            sheet.follow_up.append(FollowUp(text, finding.text, finding.lines, None, is_background))
            if finding.kind in self._finding_avoid:
                sheet.avoid.append(_avoid(self._finding_avoid[finding.kind], None, MEASURED))
        if any(one.kind is FindingKind.CRASH_LOOP for one in findings):
            sheet.do = [one for one in sheet.do if not _STARTS_AGAIN.match(one.text)]


def _name_class(match: Match | None, cls: RuleClass | None, harm: Harm | None, *, is_hung: bool) -> str:
    """The class that has something to say itself: without a rule, or beside one that speaks of another side of it."""
    if harm is not None:
        return harm
    if is_hung and (match is None or match.rule.cls.kind is Kind.SYMPTOM):
        return "hung"
    if cls is not None and (match is None or (cls.kind is Kind.CAUSE and match.rule.cls is not cls)):
        return "symptom" if cls.kind is Kind.SYMPTOM else cls.value
    return ""


@dataclass(slots=True)
class _Sheet:
    """Advice that is being put together."""

    check: list[Action] = field(default_factory=list)
    do: list[Action] = field(default_factory=list)
    avoid: list[Action] = field(default_factory=list)
    follow_up: list[FollowUp] = field(default_factory=list)

    def add_way_back(self, trigger: Trigger, later: LaterChange | None, ended: LineRef | None) -> Action:
        """What set it off, to be undone or looked into; the action is given back."""
        undo = undo_trigger(trigger, later, ended)
        (self.check if undo.risk is Risk.SAFE else self.do).append(undo)
        self.do += undo_if_it_did(trigger, ended)
        return undo

    def add_unreachable(self, component: str, values: Mapping[str, str]) -> None:
        """First aid for a server that nobody reaches."""
        for listed, actions in zip((self.check, self.do), advise_unreachable(component), strict=True):
            listed += [
                Action(one.text, _fill_command(one, values), one.risk, None, UNREACHABLE, one.undo) for one in actions
            ]

    def add_rule(self, rule: Rule, values: Mapping[str, str], cause_lines: tuple[LineRef, ...]) -> None:
        """What a rule advises; its work for later rests on the lines that show the cause."""
        self.check += [_fill(action, values, rule) for action in rule.checks]
        self.do += [_fill(action, values, rule) for action in rule.actions]
        self.avoid += [_avoid(text, rule.id, rule.sources[0].text) for text in rule.avoid]
        if cause_lines:
            self.follow_up += [FollowUp(text, rule.meaning, cause_lines, rule.id) for text in rule.follow_ups]


@dataclass(frozen=True, slots=True)
class _ClassAdvice:
    """General advice about one class of causes."""

    checks: tuple[Action, ...]
    do: tuple[Action, ...]
    avoid: tuple[Action, ...]


def _join_alike(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for several services of which the same is true: the work is the same, and is told once."""
    alike: dict[tuple[FindingKind, bool], list[Finding]] = {}
    for finding in findings:
        if finding.lines:
            alike.setdefault((finding.kind, bool(finding.who)), []).append(finding)
    joined = []
    for (kind, _), members in alike.items():
        first, *rest = members
        names = list(dict.fromkeys(one.who for one in members))
        if rest and len(names) == len(members):
            who = f"{', '.join(names[:-1])} and {names[-1]}"
            text = f"{first.text}; likewise {' and '.join(filter(None, [', '.join(names[1:-1]), names[-1]]))}"
            joined.append(Finding(kind, text, tuple(ref for one in members for ref in one.lines[:1]), who))
        else:
            joined += members
    return joined


_BACKGROUND: Final = (FindingKind.SILENT_JOB, FindingKind.MISSING_EXPIRY)
"""Findings of what somebody said before the incident began."""


def load_adviser() -> Adviser:
    """The adviser with the texts that ship with logscope."""
    return Adviser(read_table("logscope.knowledge", "advice.toml"))


def fill_placeholders(text: str, values: Mapping[str, str], only: frozenset[str] | None = None) -> str:
    """Put values for `<name>` into a text; what has no plain value, or is not in `only`, stays as it stands."""

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        value = values.get(name, "") if only is None or name in only else ""
        shape = _MOMENT if name == "time" else _PLAIN
        return value if shape.fullmatch(value) else found[0]

    return _PLACEHOLDER.sub(replace, text)


def _fill_command(action: RuleAction, values: Mapping[str, str]) -> str | None:
    return None if action.command is None else fill_placeholders(action.command, values)


def _fill(action: RuleAction, values: Mapping[str, str], rule: Rule, preface: str = "") -> Action:
    only = _PLACES if action.risk is Risk.DESTRUCTIVE else None
    command = None if action.command is None else fill_placeholders(action.command, values, only)
    text = f"{preface} {action.text}" if preface else action.text
    undo = None if action.undo is None else fill_placeholders(action.undo, values, only)
    return Action(text, command, action.risk, rule.id, rule.sources[0].text, undo)


_RELIEVE: Final = Action(
    "Take load off until calls are answered in time again (stop retries, shed requests), then let clients back step by"
    " step: what set it off is done, and retries may keep it full",
    None, Risk.DISRUPTIVE, None, MEASURED, "let all clients back",
)  # fmt: skip


_UNDOES: Final = re.compile(r"(?:Undo what|Go back to|Bring the former)\b")
"""Rules begin so where they advise to undo a change that they do not know."""
_GUESSES: Final = re.compile(r"(?:Undo|Stop) what may have\b")
"""The way back from what is known by time only."""


def _say_once(do: Sequence[Action], undo: Action | None) -> list[Action]:
    """Without the advice to undo whatever was changed, where what was changed is told, and else only once.

    A command for it is kept.
    """
    is_told = undo is not None and undo.risk is not Risk.SAFE
    is_guessed = any(one.source == MEASURED and _GUESSES.match(one.text) for one in do)
    kept: list[Action] = []
    for one in do:
        is_general = one.source != MEASURED and one.command is None and _UNDOES.match(one.text) is not None
        # What a rule says of it is more than what is said of its class.
        if not (is_general and (is_told or (is_guessed and one.rule is None))):
            kept.append(one)
        is_told = is_told or is_general
    return kept


_STARTS_AGAIN: Final = re.compile(r"(?:Restart (?:the instance|last)|Start it once)\b")
"""Advice that is done already where a process is started again each time it dies."""


def _explain(match: Match, lines: tuple[LineRef, ...]) -> Mechanism:
    rule = match.rule
    # A log that says it is not silent, whatever is usual.
    silent = "" if match.own_log else rule.silent_by_design
    return Mechanism(rule.id, rule.meaning, rule.cause, silent, rule.sources[0].text, lines)


def _avoid(text: str, rule: str | None, source: str) -> Action:
    return Action(text, None, Risk.SAFE, rule, source)


def _read_class(name: str, table: Mapping[str, object]) -> _ClassAdvice:
    source = f"general advice ({name.replace('_', ' ')})"
    steps, checks, avoid = table["do"], table["checks"], table["avoid"]
    assert isinstance(steps, list), "advice.toml: do is a list of tables"
    assert isinstance(checks, list), "advice.toml: checks is a list of texts"
    assert isinstance(avoid, list), "advice.toml: avoid is a list of texts"
    return _ClassAdvice(
        tuple(Action(str(text), None, Risk.SAFE, None, source) for text in checks),
        tuple(Action(step["text"], None, Risk(step["risk"]), None, source, step["undo"]) for step in steps),
        tuple(_avoid(str(text), None, source) for text in avoid),
    )
