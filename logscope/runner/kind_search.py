"""Which records of a log belong to some kinds: for stepping through what an incident consists of.

A kind's template may have been folded from several (`<*>` where they differ); a record belongs to it where its own
template fits. Pure.
"""

from collections.abc import Iterable
from typing import Final

from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.ingest.signatures.variants import WILD
from logscope.ingest.signatures.words import simplify
from logscope.model.kinds import GroupSummary

_MOST_KNOWN: Final = 20_000
"""Templates whose kind is remembered."""


class WantedKinds:
    """Some kinds of one log."""

    def __init__(self, groups: Iterable[GroupSummary], service: str) -> None:
        """Prepare.

        Args:
            groups: The kinds; the first that fits is a record's.
            service: Of records that name none.
        """
        self._service = service
        self._patterns = [(group, *_take_apart(group.template)) for group in groups]
        self._known: dict[tuple[int, int], GroupSummary | None] = {}
        examined = [group for group, _, _ in self._patterns if group.examined_only]
        first = [group.first_seen for group in examined if group.first_seen is not None]
        last = [group.last_seen for group in examined if group.last_seen is not None]
        self.examined = (min(first), max(last)) if first and last else None
        """Where every record was looked at, whatever its level, for some of them to be seen; None where levels do."""

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def find(self, severity: int, signature: Signature) -> GroupSummary | None:
        """The kind of a record; None where it is none of these."""
        key = (severity, signature.key)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._look_up(severity, signature)
        return self._known[key]

    def rows(self, batch: Batch, signatures: list[Signature]) -> list[int]:
        """Rows of a batch that belong to the kinds, ascending."""
        numbers, severities = batch.signature.tolist(), batch.severity[batch.notable].tolist()
        return [
            row
            for row, number, severity in zip(batch.notable.tolist(), numbers, severities, strict=True)
            if self.find(severity, signatures[number]) is not None
        ]

    def _look_up(self, severity: int, signature: Signature) -> GroupSummary | None:
        words, trace = _take_apart(signature.template)
        for group, pattern, known_trace in self._patterns:
            if (
                int(group.severity) == severity
                and group.service == (signature.service or self._service)
                and group.request == (signature.kind is SignatureKind.REQUEST)
                # The same message is logged with its trace and without.
                and (trace == known_trace or not trace or not known_trace)
                and len(words) == len(pattern)
                and all(map(_fits, words, pattern))
            ):
                return group
        return None


def _take_apart(template: str) -> tuple[tuple[str, ...], str]:
    head, _, trace = template.partition("\n")
    return simplify(head), trace


def _fits(word: str, pattern: str) -> bool:
    """Whether a word is one of those that a folded one stands for."""
    if word == pattern:
        return True
    if WILD not in pattern:
        return False
    begin, *_, end = pattern.split(WILD)
    return len(word) >= len(begin) + len(end) and word.startswith(begin) and word.endswith(end)
