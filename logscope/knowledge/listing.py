"""What `logscope rules` prints: rules, problems and test results as text. Pure; the cli prints it."""

from collections.abc import Iterable, Sized

from logscope.knowledge.loader import RuleProblem
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import Rule, RuleAction, RuleSet
from logscope.model.advice import Risk


def render_list(rules: Iterable[Rule]) -> str:
    """One rule a line: id, component, class."""
    rows = [(rule.id, rule.component, rule.cls.value) for rule in rules]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return "".join(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}\n" for row in rows)


def render_rule(rule: Rule) -> str:
    """All that a rule says, for a person."""
    parts = [
        f"{rule.id}  ({rule.cls.value}, confidence {rule.confidence.value})\n",
        f"  {rule.meaning}\n",
        _section("cause", [rule.cause]),
        _section("applies to", [rule.applies_to]),
        _section("silent by design", [rule.silent_by_design]),
        _section("until", [rule.cleared_by]),
        _section("check", [line for action in rule.checks for line in _lines(action)]),
        _section("do", [line for action in rule.actions for line in _lines(action)]),
        _section("does not help", rule.avoid),
        _section("afterwards", rule.follow_ups),
        _section("recognises", rule.samples),
        _section("but not", rule.counter_samples),
        _section("rests on", [source.text for source in rule.sources]),
        _section("from", [rule.origin]),
    ]
    return "".join(parts)


def render_problems(rules: RuleSet, problems: Iterable[RuleProblem]) -> str:
    """One problem a line: file, rule, field, reason; then the count of good rules."""
    found = [problem.text for problem in problems]
    good = f"{_count(rules.rules, 'rule')} for {_count(rules.components, 'component')} valid"
    count = f"{good}, {_count(found, 'problem')}"
    return "".join(f"{line}\n" for line in (*found, count))


def find_failures(rules: RuleSet) -> tuple[str, ...]:
    """A sentence for each sample that its rule does not treat as it should; none when all is well."""
    matcher = Matcher(rules)
    failures = []
    for rule in rules.rules:
        for samples, expected in ((rule.samples, True), (rule.counter_samples, False)):
            for sample in samples:
                found = any(match.rule.id == rule.id for match in matcher.match_all(sample, rule.component))
                if found is not expected:
                    verb = "does not recognise" if expected else "must not recognise"
                    failures.append(f"{rule.origin}: {rule.id} {verb}: {sample}")
    return tuple(failures)


def render_test(rules: RuleSet, problems: Iterable[RuleProblem] = ()) -> str:
    """What `rules test` prints: rules that could not be read, failures, then counts."""
    wrong = [problem.text for problem in problems]
    failures = find_failures(rules)
    samples = sum(len(rule.samples) + len(rule.counter_samples) for rule in rules.rules)
    count = f"{_count(rules.rules, 'rule')}, {samples} samples, {_count(failures, 'failure')}"
    count += f", {_count(wrong, 'problem')}" if wrong else ""
    return "".join(f"{line}\n" for line in (*wrong, *failures, count))


def _count(what: Sized, name: str) -> str:
    return f"{len(what)} {name}{'' if len(what) == 1 else 's'}"


def _section(title: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines if line)
    return f"\n  {title}\n{body}" if body else ""


def _lines(action: RuleAction) -> list[str]:
    risk = "" if action.risk is Risk.SAFE else f" [{action.risk.value}]"
    lines = [f"- {action.text}{risk}"]
    if action.command:
        lines.append(f"    {action.command}")
    if action.undo:
        lines.append(f"    undo: {action.undo}")
    return lines
