"""One random incident: a graph, a cause, symptoms up the graph, noise, and how it ends; written as logs to a folder."""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.bench.simulator import layouts, words

DAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
ONSET, FIX, END = 1500.0, 2100.0, 3300.0
"""Seconds from the first line: 25 minutes of normal work, ten of the incident, twenty after."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a person who saw everything would answer."""

    cause: str
    """The service whose fault it is."""
    verdict: str
    """What became of it, in the contract's word."""
    herring: str | None
    """A service that logged something new and unrelated just before, or None."""
    traits: frozenset[str] = field(default_factory=frozenset)
    """What made it hard: infrastructure, silent, no_file, herring, skewed."""


class _Wording:
    """Sentences of one incident, each service its own: of the word lists, or of words that mean nothing."""

    def __init__(self, chance, meaningless):
        self.chance = chance
        self.meaningless = meaningless

    def names(self, count, pool):
        if not self.meaningless:
            return self.chance.sample(pool, count)
        return [words.nonsense(self.chance) for _ in range(count)]

    def sentence(self, pool):
        text = self.chance.choice(pool)
        return words.nonsense_sentence(self.chance, re.findall(r"\{\w+\}", text)) if self.meaningless else text


class _Logs:
    def __init__(self, chance):
        self.chance = chance
        self.lines = {}
        self.layouts = {}
        self.skews = {}

    def add(self, name, second, level, template, other=""):
        if name not in self.layouts:
            return
        text = template.format(n=self.chance.randint(2, 9000), path=self.chance.choice(words.PATHS), other=other)
        when = DAY + timedelta(seconds=second + self.skews[name])
        self.lines[name].append((second, self.layouts[name](when, level, name, text)))

    def stream(self, name, start, end, per_minute, level, template, other=""):
        second = start
        while second < end:
            self.add(name, second, level, template, other)
            second += self.chance.expovariate(per_minute / 60)

    def write(self, folder):
        for name, lines in self.lines.items():
            ordered = [text for _, text in sorted(lines, key=lambda line: line[0])]
            (folder / f"{name}.log").write_text("\n".join(ordered) + "\n")


def build(seed, folder, *, meaningless=False):
    """Write the incident of a seed to a folder.

    Returns:
        Its truth.
    """
    chance = random.Random(f"{seed}-{meaningless}")
    wording = _Wording(chance, meaningless)
    count = chance.randint(3, 8)
    stores = wording.names(max(1, count // 3), words.INFRASTRUCTURE)
    services = wording.names(count - len(stores), words.SERVICES)
    callees = {
        name: chance.sample(
            services[place + 1 :] + stores, min(chance.randint(1, 2), len(services) - place - 1 + len(stores))
        )
        for place, name in enumerate(services)
    }
    called = sorted({name for names in callees.values() for name in names})
    pool = [name for name in called if (name in stores) == (chance.random() < 0.6)] or called
    cause = chance.choice(pool)
    traits = {"infrastructure"} if cause in stores else set()
    logs = _Logs(chance)
    for name in services + stores:
        if name in stores and chance.random() < 0.2:
            traits |= {"no_file"} if name == cause else set()
            continue
        logs.layouts[name] = chance.choice(layouts.INFRASTRUCTURE if name in stores else layouts.SERVICES)
        logs.skews[name] = chance.uniform(-120, 120) if chance.random() < 0.05 else chance.gauss(0, 0.05)
        logs.lines[name] = []
        traits |= {"skewed"} if abs(logs.skews[name]) > 2 else set()
        logs.stream(name, chance.uniform(0, 8), END, chance.uniform(2, 5), "info", wording.sentence(words.ROUTINE))
        if chance.random() < 0.4:
            logs.stream(
                name, chance.uniform(0, 40), END, chance.uniform(0.5, 2), "warn", wording.sentence(words.CHRONIC)
            )
    verdict = chance.choice(("recovered", "recovered", "partial", "second_wave", "herd"))
    if chance.random() < 0.15:
        traits.add("silent")
    else:
        level = chance.choice(("warn", "error", "error"))
        logs.stream(cause, ONSET, FIX, chance.uniform(1, 12), level, wording.sentence(words.CAUSES))
    _spread(logs, wording, callees, cause, verdict)
    herring = None
    if chance.random() < 0.5:
        others = [name for name in logs.layouts if name != cause]
        herring = chance.choice(others) if others else None
    if herring is not None:
        traits.add("herring")
        start = ONSET - chance.uniform(30, 600)
        logs.stream(herring, start, start + chance.uniform(5, 200), 6, "error", wording.sentence(words.HERRINGS))
    logs.write(folder)
    return Truth(cause, verdict, herring, frozenset(traits))


def _spread(logs, wording, callees, cause, verdict):
    """Let every direct or indirect caller of the cause fail, later the further it is, and end as the verdict says."""
    chance = logs.chance
    began = {cause: ONSET}
    for name in reversed(list(callees)):
        broken = [other for other in callees[name] if other in began]
        if name == cause or not broken:
            continue
        began[name] = min(began[other] for other in broken) + chance.uniform(0.3, 20)
        named = chance.random() < 0.65
        sentence = wording.sentence(words.NAMING if named else words.UNNAMED)
        rate = chance.uniform(6, 25)
        other = chance.choice(broken)
        logs.stream(name, began[name], FIX + chance.uniform(0, 5), rate, "error", sentence, other)
        if verdict == "partial":
            logs.stream(name, FIX + 5, END, rate / 5, "error", sentence, other)
        elif verdict == "second_wave":
            logs.stream(name, FIX + 420, FIX + 660, rate, "error", sentence, other)
        elif verdict == "herd":
            logs.stream(name, FIX + 60, FIX + 80, rate * 12, "error", sentence, other)
