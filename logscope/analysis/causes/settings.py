"""Settings that a service tells again, and which of them are other ones than before. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.index.exemplars import Exemplar
from logscope.model.times import NO_TIME
from logscope.text.fields import list_fields, read_settings

_MOST_TURNS: Final = 3
"""What has another value in each line is no setting."""
_LIMIT: Final = re.compile(
    r"(?i)(?:^|[^a-z]|(?<=[a-z])(?=[A-Z]))(?:max|min|limit|timeout|ttl|replicas|concurrency|workers|(?:pool_?)?size|quota"
    r"|capacity|threshold|burst|per_(?:second|minute|hour|day|user|ip)|weight|retention)s?(?:$|[^a-z])"
)
"""In the name of a field: its number is set by somebody, and not measured."""
_NUMBER: Final = re.compile(r"\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d|[kKMG]i?B?)?")
_ASSIGNED: Final = re.compile(r"(?<![\w.=/-])([A-Za-z][\w.-]{1,60})=([^\s,;\"'(){}\[\]]{1,30})")
_LONGEST_LINE: Final = 2000
_MOST: Final = 3
"""So many of the settings that differ are told."""


def find_other_settings(kind: Kind) -> Iterator[tuple[Exemplar, str]]:
    """Kept records that tell a setting with another value than a record before, and what it was.

    Args:
        kind: Of few records, such as `configuration read again: pool.size=40 pool.wait=2s`, or `rules in force:
            max_per_hour=3` without a word of a configuration.
    """
    before: dict[str, str] = {}
    kept = sorted((one for one in kind.exemplars if one.time != NO_TIME), key=lambda one: (one.time, one.line))
    if len(kept) < 2:
        return
    told = [read_settings(one.text.decode("utf-8", "replace")) for one in kept]
    if not any(told) and kind.count <= len(kept):
        told = _steady([_read_limits(one) for one in kept])
    for one, now in zip(kept, told, strict=True):
        differing = [name for name, value in now.items() if before.get(name, value) != value]
        if differing:
            # As it was written: so a secret is known as one wherever it is told.
            yield one, ", ".join(f"{name}={before[name]} before" for name in differing[:_MOST])
        before |= now


def _read_limits(one: Exemplar) -> dict[str, str]:
    """Fields of a record that are set by somebody, by their names."""
    text = one.text.decode("utf-8", "replace")
    fields = [(name, value) for name, _, value in (field.partition("=") for field in list_fields(text))]
    fields = fields or _ASSIGNED.findall(text.partition("\n")[0][:_LONGEST_LINE])
    return {name: value for name, value in fields if _LIMIT.search(name) and _NUMBER.fullmatch(value)}


def _steady(told: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The same without what has another value again and again."""
    names = {name for one in told for name in one}
    values = {name: [one[name] for one in told if name in one] for name in names}
    kept = {name for name, seen in values.items() if sum(a != b for a, b in pairwise(seen)) <= _MOST_TURNS}
    return [{name: value for name, value in one.items() if name in kept} for one in told]
