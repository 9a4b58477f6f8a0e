"""Rule files to rules: reads TOML texts, checks every field, and says file, rule and field of what is wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

from logscope.errors import UsageError
from logscope.knowledge.patterns import compile_bounded
from logscope.knowledge.rule import Component, MatchSpec, Rule, RuleAction, RuleClass, RuleSet, RuleSource, Scope
from logscope.knowledge.words import normalise
from logscope.model.advice import Risk
from logscope.model.causes import Confidence
from logscope.tables import Table, parse_table, read_table

_RULE_FIELDS: Final = frozenset(
    (
        "id",
        "class",
        "meaning",
        "cause",
        "confidence",
        "silent_by_design",
        "match",
        "checks",
        "actions",
        "not",
        "followups",
        "sources",
        "applies_to",
        "cleared_by",
        "samples",
    )
)
_SOURCE_WAYS: Final = ("server", "document", "experience")
_Word = TypeVar("_Word", RuleClass, Confidence, Risk, Scope)
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ODD_PLACEHOLDER: Final = re.compile(r"(?<!<)<(?![a-z][a-z0-9_]{0,39}>)([A-Za-z0-9_][\w -]{0,39})>")
"""What looks like a placeholder and is none: a shell would read from a file of that name."""
_CHANGES: Final = re.compile(
    r"(?:^|[;&|]\s*|\bsudo\s+)(?:rm|mv|dd|mkfs[\w.]*|kill|pkill|killall|reboot|shutdown|halt|poweroff|truncate|chmod|chown)\b"
    r"|\bsystemctl\s+(?:start|stop|restart|reload|kill|mask|disable)\b|\bsysctl\s+-w\b"
    r"|\b(?i:(?:drop|truncate)\s+(?:table|database|schema|index)|delete\s+from|flushall|flushdb)\b|-X\s*(?:POST|PUT|DELETE)\b"
)
"""Commands that change a system beyond doubt; what else changes one, the author must know."""


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is wrong in a rule file."""

    file: str
    rule: str
    """Id of the rule, or its place in the file when it has none; empty when the file as a whole is wrong."""
    field: str
    reason: str

    @property
    def text(self) -> str:
        """One sentence for the user."""
        return ": ".join(part for part in (self.file, self.rule, self.field, self.reason) if part)


class _FieldError(Exception):
    """A field of a rule is not as it must be."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def read_package_tables() -> tuple[tuple[str, Table], ...]:
    """Name and content of each rule file that ships with logscope, sorted by name."""
    folder = resources.files("logscope.knowledge") / "rules"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple((name, read_table("logscope.knowledge", "rules", name)) for name in names)


def read_folder_texts(folder: Path) -> tuple[tuple[str, str], ...]:
    """Name and text of each `*.toml` in a user's rule folder; none when there is no such folder.

    Raises:
        UsageError: A file cannot be read or is not UTF-8.
    """
    texts = []
    for path in sorted(folder.glob("*.toml")):
        try:
            texts.append((str(path), path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: this rule file cannot be read: {error}") from error
    return tuple(texts)


@lru_cache(maxsize=1)
def load_package_rules() -> RuleSet:
    """The rules that ship with logscope; parsed once (about 80 ms)."""
    rules, problems = check_rules()
    assert not problems, "tests read them"
    return rules


def check_rules(user_folder: Path | None = None) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """The good rules of the package and those of the user, and everything that is wrong with the others.

    A rule of the user replaces that of the package with its id.

    Raises:
        UsageError: A file of the user cannot be read.
    """
    rules, problems = read_rules(read_package_tables(), tested=True)
    if user_folder is None:
        return rules, problems
    own, own_problems = parse_rules(read_folder_texts(user_folder))
    return merge_rules(rules, own), problems + own_problems


def merge_rules(base: RuleSet, own: RuleSet) -> RuleSet:
    """Both sets as one; a rule of `own` replaces the rule of the same id, aliases of a component are joined."""
    rules = {rule.id: rule for rule in (*base.rules, *own.rules)}
    aliases: dict[str, dict[str, None]] = {}
    for component in (*base.components, *own.components):
        aliases.setdefault(component.name, {}).update(dict.fromkeys(component.aliases))
    return RuleSet(
        tuple(rules[rule_id] for rule_id in sorted(rules)),
        tuple(Component(name, tuple(names)) for name, names in sorted(aliases.items())),
    )


def parse_rules(texts: Iterable[tuple[str, str]]) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """Rules of some TOML texts, and everything that is wrong in them.

    Args:
        texts: Name and text of each file.

    Returns:
        As `read_rules`; a file that is no TOML is a problem too.
    """
    tables: list[tuple[str, Table]] = []
    no_toml: list[RuleProblem] = []
    for name, text in texts:
        try:
            tables.append((name, parse_table(text)))
        except ValueError as error:
            no_toml.append(RuleProblem(name, "", "", f"this is not valid TOML: {error}"))
    rules, problems = read_rules(tables)
    return rules, (*no_toml, *problems)


def read_rules(tables: Iterable[tuple[str, Table]], *, tested: bool = False) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """Rules of some tables, and everything that is wrong in them.

    Args:
        tables: Name and content of each file.
        tested: They are the package's, whose expressions and commands its tests have tried: here none is.

    Returns:
        The rules without fault, sorted by id, and one problem for each faulty rule or file.
    """
    rules: dict[str, Rule] = {}
    components: dict[str, Component] = {}
    problems: list[RuleProblem] = []
    for name, document in tables:
        try:
            component = _read_component(document)
            entries = _get_tables(document, "rule")
        except _FieldError as error:
            problems.append(RuleProblem(name, "", error.field, error.reason))
            continue
        components[component.name] = component
        for number, entry in enumerate(entries, 1):
            rule_id = entry.get("id")
            label = rule_id if isinstance(rule_id, str) and rule_id else f"rule {number}"
            try:
                rule = _read_rule(entry, component.name, name, tested=tested)
                if rule.id in rules:
                    raise _FieldError("id", f"{rules[rule.id].origin} has a rule of this id already")
                rules[rule.id] = rule
            except _FieldError as error:
                problems.append(RuleProblem(name, label, error.field, error.reason))
    ordered = tuple(rules[rule_id] for rule_id in sorted(rules))
    return RuleSet(ordered, tuple(components[key] for key in sorted(components))), tuple(problems)


def _read_component(document: Mapping[str, object]) -> Component:
    _refuse_unknown(document, frozenset({"component", "aliases", "rule"}))
    name = _get_text(document, "component")
    if not _ID.fullmatch(name):
        raise _FieldError("component", "must be lower-case letters, digits and hyphens")
    return Component(name, _get_texts(document, "aliases"))


def _read_rule(entry: Mapping[str, object], component: str, origin: str, *, tested: bool) -> Rule:
    """One rule of its table.

    Raises:
        _FieldError: A field is missing, unknown or not as it must be.
    """
    _refuse_unknown(entry, _RULE_FIELDS)
    name = _get_text(entry, "id")
    if not _ID.fullmatch(name):
        raise _FieldError("id", "must be lower-case letters, digits and hyphens; the component is put in front")
    samples = _get_table(entry, "samples")
    _refuse_unknown(samples, frozenset({"match", "no_match"}), "samples")
    sources = tuple(_read_source(source) for source in _get_tables(entry, "sources"))
    if not sources:
        raise _FieldError("sources", "must name what the rule rests on")
    actions = tuple(_read_action(action, "actions", tested=tested) for action in _get_tables(entry, "actions"))
    checks = tuple(_read_action(check, "checks", tested=tested) for check in _get_tables(entry, "checks"))
    if any(check.risk is not Risk.SAFE for check in checks):
        raise _FieldError("checks", "must only read: something that changes a system belongs in actions")
    return Rule(
        id=f"{component}.{name}",
        component=component,
        cls=_get_word(entry, "class", RuleClass),
        meaning=_get_text(entry, "meaning"),
        cause=_get_text(entry, "cause", ""),
        confidence=_get_word(entry, "confidence", Confidence),
        silent_by_design=_get_text(entry, "silent_by_design", ""),
        match=_read_match(_get_table(entry, "match"), tested=tested),
        checks=checks,
        actions=actions,
        avoid=_get_texts(entry, "not"),
        follow_ups=_get_texts(entry, "followups"),
        sources=sources,
        applies_to=_get_text(entry, "applies_to", ""),
        cleared_by=f"{component}.{clearing}" if (clearing := _get_text(entry, "cleared_by", "")) else "",
        samples=_get_texts(samples, "match", "samples.", required=True),
        counter_samples=_get_texts(samples, "no_match", "samples.", required=True),
        origin=origin,
    )


def _read_match(table: Mapping[str, object], *, tested: bool) -> MatchSpec:
    _refuse_unknown(table, frozenset({"any", "regex", "not", "scope"}), "match")
    literals = tuple(normalise(text) for text in _get_texts(table, "any", "match.", required=True))
    if any(not literal.strip() for literal in literals):
        raise _FieldError("match.any", "a literal must hold at least one word")
    pattern = _get_text(table, "regex", field="match.regex") if "regex" in table else None
    if pattern is not None and not tested:
        try:
            compile_bounded(pattern)
        except ValueError as error:
            raise _FieldError("match.regex", str(error)) from error
    refused = tuple(normalise(text) for text in _get_texts(table, "not", "match."))
    return MatchSpec(literals, pattern, refused, _get_word(table, "scope", Scope, "any", field="match.scope"))


def _read_action(table: Mapping[str, object], field: str, *, tested: bool) -> RuleAction:
    _refuse_unknown(table, frozenset({"text", "command", "risk", "undo"}), field)
    risk = _get_word(table, "risk", Risk, "safe" if field == "checks" else None, field=f"{field}.risk")
    undo = _get_text(table, "undo", "", field=f"{field}.undo") or None
    command = _get_text(table, "command", "", field=f"{field}.command") or None
    if command is not None and not tested:
        _check_command(command, field, risk)
    if risk is not Risk.SAFE and undo is None:
        raise _FieldError(f"{field}.undo", "an action that is not safe must say how it is undone, or that it cannot be")
    return RuleAction(_get_text(table, "text", field=f"{field}.text"), command, risk, undo)


def _check_command(command: str, field: str, risk: Risk) -> None:
    """Refuse a placeholder that is none, and a change of a system that is called safe."""
    odd = _ODD_PLACEHOLDER.search(command)
    if odd is not None:
        raise _FieldError(
            f"{field}.command", f"a placeholder is lower-case letters, digits and underscores: not {odd[0]}"
        )
    change = _CHANGES.search(command) if risk is Risk.SAFE else None
    if change is not None:
        where = "belongs in actions, with its risk" if field == "checks" else "is not safe"
        raise _FieldError(f"{field}.command", f"what changes a system {where}: {change[0].strip(' ;&|')}")


def _read_source(table: Mapping[str, object]) -> RuleSource:
    _refuse_unknown(table, frozenset({"document", "version", "checked_on", "how"}), "sources")
    checked_on = table.get("checked_on")
    if not isinstance(checked_on, date):
        raise _FieldError("sources.checked_on", "must be a date such as 2026-01-31, without quotes")
    how = _get_text(table, "how", field="sources.how")
    if how not in _SOURCE_WAYS:
        raise _FieldError("sources.how", f"must be one of {', '.join(_SOURCE_WAYS)}")
    return RuleSource(
        _get_text(table, "document", field="sources.document"),
        _get_text(table, "version", field="sources.version"),
        checked_on.isoformat(),
        how,
    )


def _get_text(table: Mapping[str, object], key: str, default: str | None = None, *, field: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise _FieldError(field or key, "must be a text" if key in table else "is missing")
    if not value.strip() and default is None:
        raise _FieldError(field or key, "must not be empty")
    return value.strip()


def _get_texts(table: Mapping[str, object], key: str, prefix: str = "", *, required: bool = False) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _FieldError(prefix + key, "must be a list of texts, none of them empty")
    if required and not value:
        raise _FieldError(prefix + key, "must hold at least one text")
    return tuple(str(item) for item in value)


def _get_table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise _FieldError(key, "must be a table" if key in table else "is missing")
    return value


def _get_tables(table: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _FieldError(key, "must be a list of tables")
    return value


def _get_word(
    table: Mapping[str, object], key: str, words: type[_Word], default: str | None = None, *, field: str = ""
) -> _Word:
    value = _get_text(table, key, default, field=field)
    try:
        return words(value)
    except ValueError:
        raise _FieldError(field or key, f"must be one of {', '.join(words)}, not {value!r}") from None


def _refuse_unknown(table: Mapping[str, object], known: frozenset[str], prefix: str = "") -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        name = f"{prefix}.{unknown[0]}" if prefix else unknown[0]
        raise _FieldError(name, f"is not known here; known are {', '.join(sorted(known))}")
