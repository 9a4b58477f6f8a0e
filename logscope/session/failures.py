"""Which of a batch's notable records count as failures: by level or status, by a trace, without levels by words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.kinds.meaning import Classifier
from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.ingest.distinct import find_distinct
from logscope.ingest.severity import FAILING_STATUS
from logscope.ingest.texts import take_texts
from logscope.knowledge.rule import Kind
from logscope.model.severity import Severity

_MOST_KNOWN: Final = 100_000
"""Kinds of which it is remembered whether their words tell of a failure."""


class Failures:
    """Chooses the failures of batches; remembers what it read of kinds."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._known: dict[tuple[str, int], bool] = {}

    def keep(self, batch: Batch, signatures: Sequence[Signature], service: str, *, by_words: bool) -> Batch:
        """A batch whose notable records are failures alone.

        A scanner that examines gives more, one that glances at words some that only seem to tell.

        Args:
            batch: Of one source.
            signatures: What its `signature` points into.
            service: Of records that name none.
            by_words: Where no level tells what failed, what the kinds say does.
        """
        severity = batch.severity[batch.notable]
        keep = severity >= Severity.WARN
        if batch.status is not None:
            keep |= batch.status[batch.notable] >= FAILING_STATUS
        if keep.all():
            return batch
        thrown, told = np.zeros((2, len(signatures)), np.bool_)
        for number in find_distinct(batch.signature[~keep]).tolist():
            thrown[number] = signatures[number].kind is SignatureKind.EXCEPTION
        silent = severity == Severity.UNKNOWN
        for number in find_distinct(batch.signature[silent]).tolist() if by_words else ():
            told[number] = self._tells(signatures[number], service)
        chosen = np.flatnonzero(keep | thrown[batch.signature] | (silent & told[batch.signature]))
        return replace(
            batch,
            notable=batch.notable[chosen],
            signature=batch.signature[chosen],
            texts=take_texts(batch.texts, chosen),
        )

    def _tells(self, signature: Signature, service: str) -> bool:
        """Whether the words of a kind tell of a failure."""
        known = self._known.get((service, signature.key))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            meaning, _ = self._classifier.classify(signature.template, None, signature.service or service)
            known = meaning.kind in (Kind.CAUSE, Kind.SYMPTOM)
            self._known[service, signature.key] = known
        return known
