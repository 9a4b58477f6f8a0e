"""How strongly a change is tied to what broke: by whom it names, by what both hold, or by time alone. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from logscope.analysis.causes.changes import Change, find_concerned
from logscope.analysis.causes.links import (
    TIME_ONLY_US,
    find_unusual,
    holds_host,
    is_by_certificate,
    shares_path,
    shares_value,
    tells_name_of,
    words_of,
    writes_settings_of,
)
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import Novelty
from logscope.knowledge.rule import RuleClass
from logscope.model.files import LineRef
from logscope.model.times import US
from logscope.text.fields import tell_values

OWN: Final = 3
"""What was altered is the failing node itself."""
NAMED: Final = 2
"""Strength from which words tie a change to the cause."""
_OF_FAILING: Final = 1
"""Nothing but time, and it is about somebody who fails."""
_BY_TIME: Final = 0

_MAY_BE_USUAL_US: Final = 2 * US
"""Of a kind that came all along so much more may lie between the first record of its rise and the rise."""
_SHORTEST_NAME: Final = 4
"""Characters of a name that stands in no text by chance."""
_MEMBER: Final = re.compile(r"[-_.]?\d{1,3}|[-_.][a-z]\d{0,2}")


def is_member_of(name: str, group: str) -> bool:
    """Whether a node is called like a group of servers, with a number or letter behind it: `rates-2` of rates."""
    rest = name.removeprefix(group)
    return rest != name and _MEMBER.fullmatch(rest) is not None


@dataclass(frozen=True, slots=True)
class Ties:
    """A cause, and what a change may have in common with it."""

    cause: Anomaly | None
    """The kind that shows it; None where no line does."""
    node: str
    """Who is the cause."""
    onset: int
    """When it began."""
    failing: Mapping[str, Anomaly]
    """Main onset of each failing node."""
    unusual: frozenset[str]
    """Words of the cause's line that have no sense of their own."""
    named: frozenset[str]
    """Nodes that the cause's lines name."""
    refused: frozenset[str]
    """Who may be the one whose credentials or settings were altered, where something is refused."""
    values: frozenset[str]
    """What the cause's line quotes."""

    @classmethod
    def of(
        cls,
        cause: Anomaly | None,
        node: str,
        onset: int,
        failing: Mapping[str, Anomaly],
        knows: Callable[[str], bool],
    ) -> Self:
        """Read a cause.

        Args:
            cause: The kind that shows it; None where no line does.
            node: Who is the cause.
            onset: When it began.
            failing: Main onset of each failing node.
            knows: Whether a word has a sense of its own, or is the name of somebody known.
        """
        # Credentials are kept on both sides: who is refused may be the one whose were altered; who is told that it asks
        # for too much may ask for more since then.
        is_limit = cause is not None and cause.kind.meaning.cls in (RuleClass.SECURITY, RuleClass.EXHAUSTION)
        refused = {cause.kind.node} if cause is not None and is_limit else set[str]()
        if _is_refusal(cause):
            # What a server refuses was asked by somebody, who quotes it: he asks otherwise since he was altered.
            refused |= {name for name, one in failing.items() if one.kind.quoted == node}
        return cls(
            cause=cause,
            node=node,
            onset=onset,
            failing=failing,
            unusual=find_unusual(cause, knows),
            named=frozenset(cause.kind.mentions) if cause else frozenset(),
            refused=frozenset(refused),
            values=tell_values(cause.kind.sample) if cause else frozenset(),
        )

    def weigh(self, change: Change) -> int | None:
        """How strongly a change is tied to the cause: `OWN`, `NAMED`, less by time alone; None where nothing does."""
        about = find_concerned(change)
        if self.node in about:
            return OWN
        if self._holds_its_own(change) or about & self.named or about & self.refused:
            return NAMED
        if any(is_member_of(name, self.node) for name in about):
            # Of several servers that go by the cause's name one was altered.
            return NAMED
        if self.lag(change) > TIME_ONLY_US:
            return None
        is_cited = self.cause is not None and is_by_certificate(change, self.cause.kind)
        if is_cited or self.unusual & words_of(change.text) or holds_host(change.text, self.unusual):
            return NAMED
        return _OF_FAILING if about & set(self.failing) else _BY_TIME

    def lag(self, change: Change) -> int:
        """From a change to the begin, microseconds."""
        return self.onset - change.time

    def names_new(self, new: Change, novelties: Sequence[Novelty]) -> bool:
        """Whether an ordinary line of a new kind is tied to the cause by words.

        Args:
            new: The line, as a change.
            novelties: New kinds, and whom each is about.
        """
        if find_concerned(new) & {self.node, *self.named} or self.unusual & words_of(new.text):
            return True
        if shares_value(new, self.values, self.node, self.lag(new)):
            return True
        if _is_refusal(self.cause) and self._names_who_is_refused(new.text):
            return True
        # `domain auth-1 paused` in a hypervisor's log names the one that hangs.
        return any(one.about == self.node and one.anomaly.kind.id == new.kind.id for one in novelties)

    def _names_who_is_refused(self, text: str) -> bool:
        """It names who is refused, or who refuses: `redis-cli acl setuser quiz`."""
        names = {name.lower() for name in (*self.refused, self.node) if len(name) >= _SHORTEST_NAME}
        return tells_name_of(text, self.refused) or bool(names & words_of(text))

    def is_line_of(self, change: Change) -> bool:
        """Whether a change is the record that shows the cause: nothing sets itself off."""
        place = self._place()
        return place is not None and (change.file, change.line) == (place.file, place.line)

    def is_behind(self, ref: LineRef, time: int) -> bool:
        """It stands behind the cause's line in the same log: that order is certain, whatever the stamps round to.

        Of what also came before the line that it rose with may be one of those.
        """
        if self.cause is None or not len(self.cause.kind.firsts):
            return False
        if not self.cause.is_new and time - self.cause.time <= min(_MAY_BE_USUAL_US, US / self.cause.baseline_per_s):
            return False
        place = self._place()
        return place is not None and ref.file == place.file and ref.line > place.line

    def _place(self) -> LineRef | None:
        if self.cause is None:
            return None
        kind = self.cause.kind
        return kind.ref_at(kind.row_at(self.cause.time)) if len(kind.firsts) else kind.first_ref()

    def _holds_its_own(self, change: Change) -> bool:
        """It tells a value, a name or a place that is the cause's own."""
        lag = self.lag(change)
        if shares_value(change, self.values, self.node, lag):
            return True
        if _is_refusal(self.cause) and lag <= TIME_ONLY_US and tells_name_of(change.text, self.refused):
            return True
        if self.cause is None:
            return False
        # `/etc/nginx/conf.d/uploads.conf` is read by nobody else.
        is_read_by_it = writes_settings_of(change.sample, {self.node.lower(), self.cause.kind.service.lower()})
        return is_read_by_it or shares_path(change.sample, self.cause.kind.sample)


def _is_refusal(cause: Anomaly | None) -> bool:
    return cause is not None and cause.kind.meaning.cls in (RuleClass.SECURITY, RuleClass.CONFIG_CHANGE)
