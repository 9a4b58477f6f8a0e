"""First aid for a well-known server that its clients name and cannot reach, while its own log tells nothing. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from logscope.knowledge.rule import RuleAction
from logscope.model.advice import Risk
from logscope.tables import read_table

SOURCE: Final = "general advice (unreachable server)"
START_UNDO: Final = "stop it again"


@lru_cache(maxsize=1)
def _servers() -> Mapping[str, Mapping[str, str]]:
    return read_table("logscope.knowledge", "unreachable.toml")


def advise_unreachable(component: str) -> tuple[tuple[RuleAction, ...], tuple[RuleAction, ...]]:
    """Checks and actions with placeholders, in the order of work; empty for a server that is not known.

    Args:
        component: Name of the well-known server: `redis`, `postgres`, ...
    """
    server = _servers().get(component)
    if server is None:
        return (), ()
    unit = server["unit"]
    checks = (
        RuleAction(
            f"On its host: see whether {component} runs, and what it said last",
            f"systemctl status {unit} --no-pager; journalctl -u {unit} --since '<time>' --no-pager | tail -50",
            Risk.SAFE,
            None,
        ),
        RuleAction(
            "On its host: see whether the kernel ended it for want of memory",
            "journalctl -k --since '<time>' --no-pager | grep -i -E 'out of memory|oom-kill|killed process'",
            Risk.SAFE,
            None,
        ),
        RuleAction("On its host: see on which addresses and ports it listens", "ss -ltnp", Risk.SAFE, None),
        RuleAction("From the host that complains: see whether it answers", server["ask"], Risk.SAFE, None),
    )
    start = RuleAction(
        f"Start {component} if it has ended ({server['note']})", f"systemctl start {unit}", Risk.DISRUPTIVE, START_UNDO
    )
    return checks, (start,)
