"""How far logs were read, for those who read on later: marks of files that may be rotated by then."""

import os
from collections.abc import Sequence

from logscope.errors import SourceError
from logscope.ingest.scanner import Place
from logscope.runner.planning import MISSING
from logscope.sources.discovery import Part, Source
from logscope.sources.follow import Follower
from logscope.sources.generations import Mark, mark_end
from logscope.sources.rotated import list_known
from logscope.state.session import Reading


def tell_file(source: Source, place: Place | None) -> Reading:
    """How far a log was read that nobody follows: its newest file is looked at once more.

    Args:
        source: The log, with its parts as they were found.
        place: Where its reading stopped; None where that cannot be gone on from.
    """
    newest = source.parts[-1] if source.parts else None
    if place is None or newest is None or newest.compression is not None or place.part != len(source.parts) - 1:
        return Reading(source, None, None)
    mark = mark_end(newest.path, place.offset, newest.identity)
    known = tuple(sorted(list_known(newest.path))) if mark is not None else ()
    return Reading(source, mark, place if mark is not None else None, (), known)


def tell_followed(source: Source, paths: Sequence[str], place: Place | None, followed: Follower) -> Reading:
    """How far a log was read that is followed.

    Args:
        source: The log as it was found.
        paths: Where its parts lie now, oldest first.
        place: Where its reading stands.
        followed: What reads its newest file.
    """
    source = Source(source.key, source.service, tuple(_look_at(path) for path in paths))
    mark = _mark_of(followed, place) if place is not None and place.part == len(paths) - 1 else None
    if mark is None:
        return Reading(source, None, None)
    return Reading(source, mark, place, followed.read_parts, tuple(sorted(followed.known)))


def _mark_of(followed: Follower, place: Place) -> Mark | None:
    try:
        return followed.mark_at(place.offset)
    except (OSError, SourceError):
        return None


def _look_at(path: str) -> Part:
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return Part(path, 0, 0, MISSING)
    return Part(path, info.st_size, info.st_mtime_ns // 1000, (info.st_dev, info.st_ino))
