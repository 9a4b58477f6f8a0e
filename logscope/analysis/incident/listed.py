"""Which kinds are listed as groups, whatever came of the judgement."""

from collections.abc import Sequence

from logscope.analysis.kinds.kinds import Kind
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import Candidate
from logscope.model.severity import Severity


def choose_listed(
    kinds: Sequence[Kind], everything: Sequence[Kind] = (), candidates: Sequence[Candidate] = ()
) -> list[Kind]:
    """Warning-or-worse kinds, those that knowledge recognises, and those that a candidate points to.

    What a monitor says is a milestone of the incident, and no kind of its own.
    """
    untold = MeaningKind.NONE, MeaningKind.ALERT
    listed = {kind.id: kind for kind in kinds if kind.severity >= Severity.WARN or kind.meaning.kind not in untold}
    named = {one.group for one in candidates}
    listed.update({kind.id: kind for kind in everything if kind.id in named})
    return list(listed.values())
