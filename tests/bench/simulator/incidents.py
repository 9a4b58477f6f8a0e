"""One random incident: a graph, a cause, symptoms up the graph, noise, and how it ends; written as logs to a folder.

Proportions are those of analysis.md 2c: 60 % infrastructure faults, 15 % with a silent log, 20 % of infrastructure
without a file, red herrings in half of all, names in 65 % of symptoms, a clock up to 120 s off in 5 % of logs.
"""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.bench.simulator import layouts, words

DAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
ONSET, FIX, END = 1500.0, 2100.0, 3300.0
"""Seconds from the first line: 25 minutes of normal work, ten of the incident, twenty after."""

FIRST_REPORTED_SEED = 5000
"""From here on sentences come from the half on which nothing is tuned."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a person who saw everything would answer."""

    cause: str
    """The service whose fault it is."""
    verdict: str
    """What became of it, in the contract's word."""
    herring: str | None
    """A service that logged something new and unrelated just before, or None."""
    traits: frozenset[str]
    """What made it hard: infrastructure, silent, no_file, unnamed, quiet, herring, skewed, large, released."""
    is_shown: bool
    """Some line shows or names the cause; otherwise only "outside these logs" can be right."""
    release: str | None
    """Words of the release that set it off; None where nothing did."""

    def accepts(self, service, *, in_logs, is_named):
        """Whether an answer is right: the cause, or where no line can show it that it is outside these logs."""
        return service == self.cause or (not self.is_shown and not in_logs and not is_named)


class _Wording:
    """Sentences of one incident, each service its own: of the word lists, or of words that mean nothing."""

    def __init__(self, chance, pools, meaningless):
        self.chance = chance
        self.pools = pools
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
        self.traces = {}
        self.said = set()
        """Every name that a failing line contains."""

    def open(self, name, layout):
        self.layouts[name] = layout
        self.skews[name] = self.chance.uniform(-120, 120) if self.chance.random() < 0.05 else self.chance.gauss(0, 0.05)
        self.lines[name] = []

    def add(self, name, second, level, template, other="", trace=None):
        if name not in self.layouts:
            return
        chance = self.chance
        fields = {key: chance.randint(2, 9000) for key in ("n",)}
        text = template.format(**fields, path=chance.choice(words.PATHS), other=other, name=other)
        when = DAY + timedelta(seconds=second + self.skews[name])
        line = self.layouts[name](when, level, name, text)
        if trace is not None:
            line += layouts.TRACES[self.layouts[name]](trace, text, name)
        if other:
            self.said.add(other)
        self.lines[name].append((second, line))

    def stream(self, name, start, end, per_minute, level, template, other="", trace=None, tries=1):
        second = start
        while second < end:
            for attempt in range(tries):
                self.add(name, second + attempt * self.chance.uniform(0.1, 0.5), level, template, other, trace)
            second += self.chance.expovariate(per_minute / 60 / tries)

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
    pools = words.TUNING if seed < FIRST_REPORTED_SEED else words.REPORTING
    wording = _Wording(chance, pools, meaningless)
    is_large = chance.random() < 0.2
    count = chance.randint(12, 24) if is_large else chance.randint(3, 8)
    stores = wording.names(max(1, min(count // 3, len(pools.infrastructure))), pools.infrastructure)
    services = wording.names(min(count - len(stores), len(pools.services)), pools.services)
    callees = _draw_graph(chance, services, stores)
    called = sorted({name for names in callees.values() for name in names})
    is_infrastructure = chance.random() < 0.6
    cause = chance.choice([name for name in called if (name in stores) == is_infrastructure] or called)
    traits = {"infrastructure"} if cause in stores else set()
    traits |= {"large"} if is_large else set()
    logs = _Logs(chance)
    for name in services + stores:
        if name in stores and chance.random() < 0.2:
            traits |= {"no_file"} if name == cause else set()
            continue
        logs.open(name, chance.choice(layouts.INFRASTRUCTURE if name in stores else layouts.SERVICES))
        traits |= {"skewed"} if abs(logs.skews[name]) > 2 else set()
        for _ in range(chance.randint(1, 3)):
            sentence = wording.sentence(pools.routine)
            logs.stream(name, chance.uniform(0, 8), END, chance.uniform(1, 4), "info", sentence)
        if chance.random() < 0.4:
            sentence = wording.sentence(pools.chronic)
            logs.stream(name, chance.uniform(0, 40), END, chance.uniform(0.5, 2), "warn", sentence)
    verdict = chance.choice(("recovered", "recovered", "partial", "second_wave", "herd"))
    release = _release(logs, wording, services, cause, traits)
    shown = _show_cause(logs, wording, cause, traits)
    began = _spread(logs, wording, callees, cause, verdict)
    if cause not in logs.said:
        traits.add("unnamed")
    if chance.random() < 0.4:
        _write_edge(logs, began, verdict)
    herring = None
    if chance.random() < 0.5:
        others = [name for name in logs.layouts if name not in (cause, "deploys")]
        herring = chance.choice(others) if others else None
    if herring is not None:
        traits.add("herring")
        start = ONSET - chance.uniform(30, 600)
        sentence = wording.sentence(pools.herrings)
        logs.stream(herring, start, start + chance.uniform(5, 200), 6, "error", sentence)
    logs.write(folder)
    is_shown = shown or (cause in logs.said and (not meaningless or "no_file" not in traits))
    return Truth(cause, verdict, herring, frozenset(traits), is_shown or release is not None, release)


def _draw_graph(chance, services, stores):
    callees = {}
    for place, name in enumerate(services):
        pool = services[place + 1 :] + stores
        callees[name] = chance.sample(pool, min(chance.randint(1, 3), len(pool)))
    return callees


def _show_cause(logs, wording, cause, traits):
    """The cause's own lines; none where its log is silent. True where one was written."""
    chance = logs.chance
    if chance.random() < 0.15:
        traits.add("silent")
        return False
    if chance.random() < 0.1:
        # Told once or twice, at the everyday level.
        traits.add("quiet")
        sentence = wording.sentence(wording.pools.quiet_causes)
        for second in (ONSET, ONSET + chance.uniform(0.01, 3))[: chance.randint(1, 2)]:
            logs.add(cause, second, "info", sentence)
    else:
        level = chance.choice(("warn", "error", "error"))
        end = FIX if chance.random() < 0.8 else ONSET + chance.uniform(0.5, 20)
        logs.stream(cause, ONSET, end, chance.uniform(1, 12), level, wording.sentence(wording.pools.causes))
    return cause in logs.layouts


def _release(logs, wording, services, cause, traits):
    """A log of releases, some of long ago; in half of them one of the cause, moments before. The words of that one."""
    chance = logs.chance
    if chance.random() >= 0.3:
        return None
    logs.open("deploys", chance.choice((layouts.logfmt, layouts.spring, layouts.syslog)))
    logs.skews["deploys"] = 0.0
    sentence = wording.sentence(wording.pools.releases)
    for _ in range(chance.randint(1, 4)):
        logs.add("deploys", chance.uniform(10, ONSET - 300), "info", sentence, chance.choice(services))
    logs.said.clear()
    if cause not in services or chance.random() < 0.5:
        return None
    traits.add("released")
    logs.add("deploys", ONSET - chance.uniform(3, 50), "info", sentence, cause)
    return cause


def _spread(logs, wording, callees, cause, verdict):
    """Let every direct or indirect caller of the cause fail, later the further it is, and end as the verdict says.

    Returns:
        When each began to fail.
    """
    chance = logs.chance
    began = {cause: ONSET}
    for name in reversed(list(callees)):
        broken = [other for other in callees[name] if other in began]
        if name == cause or not broken:
            continue
        began[name] = min(began[other] for other in broken) + chance.uniform(0.3, 20)
        named = chance.random() < 0.65
        sentence = wording.sentence(wording.pools.naming if named else wording.pools.unnamed)
        rate = chance.uniform(6, 25)
        other = chance.choice(broken) if named else ""
        tries = chance.choice((1, 1, 1, 2, 3))
        trace = None
        if logs.layouts[name] in layouts.TRACES and chance.random() < 0.4 and not wording.meaningless:
            java, python = chance.choice(wording.pools.exceptions)
            trace = python if logs.layouts[name] is layouts.python_logging else java
        how = {"level": "error", "template": sentence, "other": other, "trace": trace}
        logs.stream(name, began[name], FIX + chance.uniform(0, 5), rate, **how, tries=tries)
        if verdict == "partial":
            logs.stream(name, FIX + 5, END, rate / 5, **how)
        elif verdict == "second_wave":
            logs.stream(name, FIX + 420, FIX + 660, rate, **how)
        elif verdict == "herd":
            logs.stream(name, FIX + 60, FIX + 80, rate * 12, **how)
    return began


def _write_edge(logs, began, verdict):
    """An access log: half of the requests fail while the last of the cascade does."""
    chance = logs.chance
    reached = max(began.values())
    lines = []
    second = 0.0
    while (second := second + chance.expovariate(1.5)) < END:
        share = 0.005
        if reached <= second < FIX or (verdict == "second_wave" and FIX + 420 <= second < FIX + 660):
            share = 0.5
        elif (verdict == "herd" and FIX + 60 <= second < FIX + 80) or (verdict == "partial" and second >= FIX):
            share = 0.5 if verdict == "herd" else 0.1
        status = chance.choice((500, 502, 504)) if chance.random() < share else 200
        when = DAY + timedelta(seconds=second)
        route = f"/{chance.choice(words.PATHS[:3])}/{chance.randint(1, 900)}"
        line = layouts.access(when, status, chance.choice(("GET", "POST")), route, chance.randint(90, 4000))
        lines.append((second, line))
    logs.lines["edge.access"] = lines
