"""The command palette: every action of the key registry, the themes, and what has no key."""

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from logscope.ui.keys import KEYS

_WITHOUT_KEY = (("Read another log as well", "prompt('add')"),)


class LogscopeCommands(Provider):
    """All that can be done."""

    def _list(self) -> Iterator[tuple[str, str]]:
        """Key and name, and the action."""
        for key in KEYS:
            if key.label and key.action != "command_palette":
                yield f"{key.shown:<6} {key.label}", key.action
        for name, action in _WITHOUT_KEY:
            yield f"{'':6} {name}", action
        for theme in sorted(self.app.available_themes):
            yield f"{'':6} Theme {theme}", f"use_theme('{theme}')"

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for name, action in self._list():
            yield DiscoveryHit(name, partial(self.app.run_action, action))

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for name, action in self._list():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self.app.run_action, action))
