"""What the user asks for, and the sources that it names with how they are written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from logscope.index.room import Room
from logscope.knowledge.rule import RuleSet
from logscope.model.snapshot import Note
from logscope.runner.planning import Plan, learn_plans, looks_like_log, make_plans
from logscope.runner.settings import LogSettings, find_settings
from logscope.sources.discovery import Discovery, Refusal, Source, discover, split_argument


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    paths: Sequence[str]
    tz: tzinfo | None = None
    tz_name: str | None = None
    siblings: bool = True
    formats: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None
    notes: tuple[Note, ...] = ()
    baseline: tuple[str, ...] = ()
    """Paths of other logs that show a normal time."""
    logs: tuple[LogSettings, ...] = ()
    """What the user said of logs beforehand; the command line wins."""
    rules: RuleSet | None = None
    """What is known of lines: the shipped rules with those of the user; None means the shipped ones alone."""
    bindings: tuple[tuple[str, str], ...] = ()
    """Names or addresses in the logs, and the service that each means."""
    room: Room | None = None
    """The most that an index holds; None for that of a process of usual size."""


@dataclass(slots=True)
class Opened:
    """Sources with their plans, and what could not be opened."""

    plans: list[Plan]
    refusals: list[Refusal]
    bytes_total: int
    normal: Sequence[Plan] = ()
    """Logs of a normal time: read, never told."""
    further: Iterator[Plan] = field(default_factory=lambda: iter(()))
    """Sources behind `plans` that are yet to be learned: each when it is asked for."""
    files: int = 0
    """Of all sources; 0 where all are learned."""

    @property
    def is_empty(self) -> bool:
        """Nothing can be read."""
        return not self.plans

    def learn_all(self) -> None:
        """Learn what is yet to be learned."""
        self.plans.extend(self.further)


def open_request(request: Request, *, live: bool = False) -> Opened:
    """Find the sources and learn how they are written.

    Args:
        request: What the user asked for.
        live: Wait for files that do not exist instead of refusing them, and not for streams that are silent.
    """
    return learn_sources(request, find_sources(request, live=live), live=live)


def find_sources(request: Request, *, live: bool = False) -> Discovery:
    """What the paths mean, named as the settings say; a look at each file and no more."""
    found = discover(request.paths, looks_like_log, siblings=request.siblings, wait_for_missing=live)
    return replace(found, sources=tuple(_name_sources(request, found.sources)))


def learn_sources(request: Request, found: Discovery, *, live: bool = False) -> Opened:
    """How each source is written. Takes a while: a twentieth of a second for a file."""
    opened = learn_in_turn(request, found, live=live)
    opened.learn_all()
    opened.bytes_total = sum(part.size for plan in opened.plans for part in plan.source.parts)
    return opened


def learn_in_turn(request: Request, found: Discovery, *, live: bool = False) -> Opened:
    """As `learn_sources`, but each source is learned when it is asked for: the first can be read at once."""
    chosen = {source.key: entry for source in found.sources if (entry := _settings_of(request, source)) is not None}
    formats = {**{key: entry.format for key, entry in chosen.items() if entry.format}, **request.formats}
    refusals = list(found.refusals)
    plans = learn_plans(
        found.sources, formats, lambda error: refusals.append(Refusal(error.path, error.reason)), live=live
    )
    further = (replace(plan, zone=_zone_of(chosen.get(plan.source.key))) for plan in plans)
    parts = [part for source in found.sources for part in source.parts]
    normal: list[Plan] = []
    if request.baseline:
        normal, refused = _open_baseline(request, {part.identity for part in parts})
        refusals += refused
    return Opened([], refusals, sum(part.size for part in parts), normal, further, len(parts))


def _open_baseline(request: Request, identities: Collection[tuple[int, int]]) -> tuple[list[Plan], list[Refusal]]:
    """Logs of a normal time, and what cannot be one: above all the logs that are to be compared with it."""
    told = discover(request.baseline, looks_like_log, siblings=False)
    others, refused = [], list(told.refusals)
    for source in told.sources:
        same = next((part.path for part in source.parts if part.identity in identities), None)
        if same is None:
            others.append(source)
        else:
            refused.append(Refusal(same, "is one of the logs themselves; name a log of another time to --baseline"))
    normal, errors = make_plans(others, request.formats)
    refused += [Refusal(error.path, error.reason) for error in errors]
    if not normal and not any(one.is_error for one in refused):
        refused.append(Refusal(" ".join(request.baseline), "nothing readable to compare with"))
    return normal, refused


def _name_sources(request: Request, sources: Sequence[Source]) -> Iterator[Source]:
    """Sources as the user's settings name them, unless the command line does."""
    named = {split_argument(path)[0] for path in request.paths}
    for source in sources:
        entry = _settings_of(request, source)
        name = entry.name if entry is not None and source.service not in named else None
        yield replace(source, service=name) if name else source


def _settings_of(request: Request, source: Source) -> LogSettings | None:
    return find_settings(request.logs, [*(part.path for part in source.parts), source.key])


def _zone_of(entry: LogSettings | None) -> tuple[tzinfo, str] | None:
    return (entry.tz, entry.tz_name or str(entry.tz)) if entry is not None and entry.tz is not None else None
