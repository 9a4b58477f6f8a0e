"""Suspects: nodes judged as possible root causes, and the words in which evidence about them is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from logscope.analysis.causes.blame import Edge
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.silences import Silence
from logscope.model.causes import Evidence
from logscope.model.files import LineRef


@dataclass(slots=True)
class Suspect:
    """A node judged as possible root cause."""

    node: str
    anomaly: Anomaly | None
    """Its kind that shows the cause best; None where no line of its own does."""
    naming: Edge | None
    """Strongest edge that names it; None when nobody does."""
    evidence: list[Evidence] = field(default_factory=list)
    probability: float = 0.0
    silence: Silence | None = None
    """Its log stopped, which is all that is known of it; None where lines tell more."""

    @property
    def points(self) -> float:
        """Sum over the evidence."""
        return sum(one.points for one in self.evidence)

    @property
    def time(self) -> int:
        """Onset of its own kind, else of the first that names it, else when its log stopped."""
        if self.anomaly is not None:
            return self.anomaly.time
        if self.naming is not None:
            return self.naming.anomaly.time
        return self.silence.start if self.silence is not None else 0


def onset_ref(one: Anomaly) -> LineRef:
    """Place of the record at an onset."""
    if not len(one.kind.firsts):
        return one.kind.first_ref()
    return one.kind.ref_at(one.kind.row_at(one.time))


def quote(words: str, line: str) -> str:
    """Words of a line, in quotation marks, as it writes them; where only a pattern is known, `it`."""
    at = line.lower().find(words.lower())
    return f'"{line[at : at + len(words)] if at >= 0 else words}"' if words else "it"


def join(names: Sequence[str]) -> str:
    """Names in a sentence: `a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""
