"""What the knowledge consists of: rules as frozen values. Knows nothing of files, incidents or screens."""

from dataclasses import dataclass
from enum import StrEnum

from logscope.model.advice import Risk
from logscope.model.causes import Confidence


class Kind(StrEnum):
    """What a message says about its place in an incident."""

    CAUSE = "cause"
    """Something ran out, died, broke or was set wrongly: it can be first."""
    SYMPTOM = "symptom"
    """Somebody else did not answer as hoped: it points away from its author."""
    CHANGE = "change"
    """Something was altered on purpose: it can set a cause off."""
    STATE = "state"
    """Started, stopped, ready, well again."""
    ALERT = "alert"
    """A monitor speaks."""
    NONE = "none"


class RuleClass(StrEnum):
    """What a message is about."""

    EXHAUSTION = "exhaustion"
    CRASH = "crash"
    STORAGE = "storage"
    CONFIG_CHANGE = "config_change"
    """A configuration that is wrong, missing or refused."""
    SECURITY = "security"
    BUG = "bug"
    SATURATION = "saturation"
    """All workers of its own are busy: for want of answers from behind it as often as for want of workers."""
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    UPSTREAM = "upstream"
    CIRCUIT_OPEN = "circuit_open"
    RETRY = "retry"
    STATE = "state"
    """Start, stop, restart, ready."""
    CHANGE = "change"
    """Deploy, reload, migration, version, flag, failover, setting."""
    RECOVERY = "recovery"
    ALERT = "alert"

    @property
    def kind(self) -> Kind:
        """The kind that this class belongs to."""
        return _KIND_BY_CLASS[self]


_KIND_BY_CLASS = {
    **dict.fromkeys(
        (
            RuleClass.EXHAUSTION,
            RuleClass.CRASH,
            RuleClass.STORAGE,
            RuleClass.CONFIG_CHANGE,
            RuleClass.SECURITY,
            RuleClass.BUG,
        ),
        Kind.CAUSE,
    ),
    **dict.fromkeys(
        (
            RuleClass.SATURATION,
            RuleClass.TIMEOUT,
            RuleClass.REFUSED,
            RuleClass.RESET,
            RuleClass.UPSTREAM,
            RuleClass.CIRCUIT_OPEN,
            RuleClass.RETRY,
        ),
        Kind.SYMPTOM,
    ),
    RuleClass.CHANGE: Kind.CHANGE,
    RuleClass.STATE: Kind.STATE,
    RuleClass.RECOVERY: Kind.STATE,
    RuleClass.ALERT: Kind.ALERT,
}


class Scope(StrEnum):
    """Whose log a rule's line may stand in."""

    ANY = "any"
    """The wording is unmistakable wherever it is found: the component's own log or a client's."""
    OWN_LOG = "own_log"
    """Only in the component's own log: elsewhere the words mean nothing in particular."""


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """When a rule recognises a message. Literals are compared word by word, without case and punctuation."""

    any: tuple[bytes, ...]
    """Word sequences in normal form, each between blanks; one of them must occur."""
    regex: str | None
    """Must be found as well, where given; compiled when first needed. Its named groups fill placeholders."""
    none: tuple[bytes, ...]
    """Word sequences in normal form; none of them may occur."""
    scope: Scope


@dataclass(frozen=True, slots=True)
class RuleAction:
    """Something to check, to do or to leave."""

    text: str
    command: str | None
    risk: Risk
    undo: str | None


@dataclass(frozen=True, slots=True)
class RuleSource:
    """What a rule rests on."""

    document: str
    """URL, manual page or name of a document; the package for something tried on a real server."""
    version: str
    checked_on: str
    """ISO date."""
    how: str
    """`server`: provoked on a running server; `document`: read on that day; `experience`: known from practice, the
    document is where to read more."""

    @property
    def text(self) -> str:
        """The provenance as a report shows it."""
        verb = {"server": "seen on", "document": "read for", "experience": "from practice, for"}[self.how]
        return f"{self.document} ({verb} {self.version}, {self.checked_on})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that an expert knows about a line of a log."""

    id: str
    """`component.name`."""
    component: str
    cls: RuleClass
    meaning: str
    """One sentence."""
    cause: str
    """What brings it about, or empty."""
    confidence: Confidence
    """How surely the line means what the rule says."""
    silent_by_design: str
    """What the component does not log, and where it shows instead; empty when it logs this."""
    match: MatchSpec
    checks: tuple[RuleAction, ...]
    """Read-only commands."""
    actions: tuple[RuleAction, ...]
    avoid: tuple[str, ...]
    """What does not help, and why."""
    follow_ups: tuple[str, ...]
    sources: tuple[RuleSource, ...]
    applies_to: str
    cleared_by: str
    """Id of the rule whose line takes back what this one's tells, of the same captures; empty where nothing does."""
    samples: tuple[str, ...]
    """Lines that it recognises."""
    counter_samples: tuple[str, ...]
    """Lines that look alike and mean something else."""
    origin: str
    """File that it comes from."""


@dataclass(frozen=True, slots=True)
class Component:
    """A server, runtime or tool that rules are written for."""

    name: str
    aliases: tuple[str, ...]
    """Other names under which its log or its host may go."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules that were loaded, sorted by id."""

    rules: tuple[Rule, ...]
    components: tuple[Component, ...]

    def find(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
