"""The command palette: every action of the key registry, the themes, and what has no key."""

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from logscope.ui.keys import KEYS

_WITHOUT_KEY = (
    ("Read another log as well", "prompt('add')", "add open file"),
    ("Name the format of a log", "name_format", "teach how it is written no clock unread lines parse"),
    ("Times in UTC", "use_zone('utc')", "time zone timezone clock"),
    ("Times in this machine's zone", "use_zone('local')", "local time timezone clock"),
)
_OTHER_WORDS = {
    "export": "markdown post-mortem",
    "export_as": "export markdown html",
    "fixed": "recovery resolved deploy rollback",
    "take_back": "undo",
    "mute": "ignore hide silence",
    "filter": "grep exclude only",
    "find": "search grep",
    "same_id": "trace rid correlation",
    "proof": "grep command shell evidence",
    "merge": "all files together",
    "zoom_pane": "maximise full",
    "kinds": "groups table errors",
    "files": "format zone problems",
    "recovery": "over trend verdict history",
    "actions": "fix advice commands runbook",
    "brief": "share slack clipboard summary",
    "follow": "tail live end",
    "relative": "offset",
    "step_back": "close",
}
"""What people look for, by the id of what they mean; ids and footer words are found by themselves."""
_THEME_WORDS = "colours colors dark light"
_OTHERWISE = 0.5
"""A match of another word weighs less than one of the name."""


class LogscopeCommands(Provider):
    """All that can be done."""

    def _list(self) -> Iterator[tuple[str, str, str]]:
        """Key and name, the action, and other words for it."""
        for key in KEYS:
            if key.label and key.action != "command_palette":
                others = f"{key.id.replace('_', ' ')} {key.footer} {_OTHER_WORDS.get(key.id, '')}"
                yield f"{key.shown:<6} {key.label}", key.action, others
        for name, action, others in _WITHOUT_KEY:
            yield f"{'':6} {name}", action, others
        for theme in sorted(self.app.available_themes):
            yield f"{'':6} Theme {theme}", f"use_theme('{theme}')", _THEME_WORDS

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for name, action, _ in self._list():
            yield DiscoveryHit(name, partial(self.app.run_action, action))

    async def search(self, query: str) -> Hits:
        """What matches: its name, and behind those whatever else it may be called."""
        matcher = self.matcher(query)
        for name, action, others in self._list():
            score = matcher.match(name) or _OTHERWISE * matcher.match(others)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self.app.run_action, action))
