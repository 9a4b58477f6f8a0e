"""Settings that a service tells again, and which of them are other ones than before. Pure."""

from collections.abc import Iterator
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.index.exemplars import Exemplar
from logscope.model.times import NO_TIME
from logscope.text.fields import read_settings

_MOST: Final = 3
"""So many of the settings that differ are told."""


def find_other_settings(kind: Kind) -> Iterator[tuple[Exemplar, str]]:
    """Kept records that tell a setting with another value than a record before, and what it was.

    Args:
        kind: Of few records, such as `configuration read again: pool.size=40 pool.wait=2s`.
    """
    before: dict[str, str] = {}
    for one in sorted((one for one in kind.exemplars if one.time != NO_TIME), key=lambda one: (one.time, one.line)):
        now = read_settings(one.text.decode("utf-8", "replace"))
        differing = [name for name, value in now.items() if before.get(name, value) != value]
        if differing:
            # As it was written: so a secret is known as one wherever it is told.
            yield one, ", ".join(f"{name}={before[name]} before" for name in differing[:_MOST])
        before |= now
