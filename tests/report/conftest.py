"""The story's Snapshot, and the same with an attack in every text."""

import dataclasses
from enum import Enum
from pathlib import Path

import pytest

from tests.judged import judge_sample

ROOT = Path(__file__).parents[2]

ATTACK = (
    "</td></code></pre><script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "
    "![i](http://e/x) <http://evil.example> http://evil.example | cell | `` ` ``` "
    "```` \x1b[2J\x1b]0;t\x07 \u202e \u2028 "
    '"]; click g0 "javascript:alert(1)" %% --> end $x$ {{7*7}} # h &lt; \\'
)
ATTACK_LINES = f"{ATTACK}\n```\n~~~\n# heading\n</pre>\n| a | b |\n---\n{ATTACK}"


@pytest.fixture(scope="session")
def story():
    """The story's sample, analysed once."""
    return judge_sample("checkout-redis-oom")


def poison(value, name=""):
    """The same value with every text replaced by an attack, except what is an identifier or a word of ours."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        if name in ("id", "group", "from_group", "to_group", "related_to", "kind", "label", "tone", "rule"):
            return value
        if name in ("sample", "onset_sample"):
            return ATTACK_LINES
        # The value stays beside it, so that kinds are put together as in the honest report.
        return f"{value} {ATTACK}" if name == "event" else f"{ATTACK} {value}"
    if isinstance(value, tuple):
        return tuple(poison(one, name) for one in value)
    if dataclasses.is_dataclass(value):
        fields = {f.name: poison(getattr(value, f.name), f.name) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


@pytest.fixture(scope="session")
def hostile(story):
    """The story with an attack in every text."""
    return poison(story)
