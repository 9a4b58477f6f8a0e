"""Which kinds are part of an incident, and which go their own way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from logscope.analysis.causes.roles import assign_roles, find_apart, find_earlier, find_unmoved
from logscope.analysis.incident.cause import Cause
from logscope.analysis.incident.relations import Relations
from logscope.analysis.onset.anomalies import Anomaly, Outbreak
from logscope.model.kinds import Role


@dataclass(frozen=True, slots=True)
class Parts:
    """What each kind is to an incident."""

    rises: Mapping[str, Anomaly]
    """By id of the kind what rose, also what belongs to another incident."""
    roles: Mapping[str, Role]
    """By id of the kind."""
    part_of: Sequence[Anomaly]
    """Causes and symptoms, by onset."""
    noise: Sequence[Anomaly]
    """What goes its own way, and rose all the same."""

    def without(self, others: Collection[Anomaly]) -> "Parts":
        """The same, where some are no symptoms after all."""
        if not others:
            return self
        roles = {**self.roles, **{one.kind.id: Role.OTHER for one in others}}
        return Parts(self.rises, roles, [one for one in self.part_of if one not in others], self.noise)


def find_parts(seen: Relations, cause: Cause, others: Sequence[Outbreak]) -> Parts:
    """Give every kind its role.

    Args:
        seen: The outbreak and what surrounds it.
        cause: What broke first.
        others: Failing kinds that rose at other times: listed, not part of it.
    """
    failing, start, node = seen.outbreak.anomalies, cause.start, cause.top.node
    rises = {one.kind.id: one for one in cause.everything}
    apart = find_apart(cause.everything, cause.signs, start)
    earlier = find_earlier(failing, node, start)
    unmoved = find_unmoved(failing, cause.signs, seen.edges, start) - earlier
    roles = assign_roles(cause.kinds, rises, cause.shown, node, seen.edges, start, apart | unmoved, earlier)
    for one in (one for other in others for one in other.anomalies):
        rises[one.kind.id] = one
        roles[one.kind.id] = Role.UNRELATED
    part_of = [one for one in cause.everything if roles[one.kind.id] in (Role.CAUSE, Role.SYMPTOM)]
    if not any(one.kind.is_failure for one in part_of):
        # Nothing is tied to the first candidate: what rose is still what must end.
        part_of += [one for one in failing if one not in part_of]
    noise = [one for one in failing if one.kind.id in apart and one not in part_of]
    return Parts(rises, roles, part_of, noise)
