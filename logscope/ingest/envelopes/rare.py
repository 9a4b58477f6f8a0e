"""Lines of those services of a stream that a sample of it hardly showed: they write rarely, and often tell the cause.

How a service writes is learned from its own lines: without any of them they are read as text without time and level.
"""

from collections.abc import Iterable
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.learn import MOST_SERVICES
from logscope.ingest.envelopes.openers import TextOpener
from logscope.ingest.formats.form import Form

_ENOUGH: Final = 40
"""Lines of one service."""


class RareLines:
    """Gathers lines of services of which a layout's first form was learned from few, or from none."""

    def __init__(self, form: Form | None, sampled: Iterable[bytes] = ()) -> None:
        """Nothing is gathered where the form is no text that names services.

        Args:
            form: Of a layout, the first.
            sampled: Lines that it was learned from; without them those of services that it knows are not rare.
        """
        learned = form.by_service.keys() if isinstance(form, EnvelopeForm) else frozenset[str]()
        opener = form.opener if isinstance(form, EnvelopeForm) and 0 < len(learned) < MOST_SERVICES else None
        self._opener = opener if isinstance(opener, TextOpener) and opener.header.services else None
        self._most = MOST_SERVICES + len(learned)
        self._known = frozenset[str]()
        """Services that are not rare, whatever was counted of them."""
        self._counts: dict[bytes, int] = {}
        """Lines so far by the name as it is written."""
        self.take(sampled)
        if not self._counts:
            self._known = frozenset(learned)

    @property
    def may_be(self) -> bool:
        """Whether there is anything to look for."""
        return self._opener is not None

    def take(self, lines: Iterable[bytes]) -> list[bytes]:
        """Those of some lines that are worth learning from."""
        if self._opener is None:
            return []
        found, counts, match = [], self._counts, self._opener.header.regex.match
        for line in lines:
            head = match(line)
            if head is None or (name := head["service"]) is None:
                continue
            count = counts.get(name)
            if count is None:
                count = self._begin(name)
            if count < _ENOUGH and head.end() < len(line.rstrip()):
                found.append(line)
            counts[name] = count + 1
        return found

    def _begin(self, name: bytes) -> int:
        """Lines that are known of a service that is met for the first time."""
        assert self._opener is not None, "asked only for lines that name services"
        is_known = self._opener.clean(name.decode("utf-8", "replace")) in self._known
        return _ENOUGH if is_known or len(self._counts) >= self._most else 0
