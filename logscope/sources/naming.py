"""What file names say: which log a rotated part belongs to, how old the part is, which service writes it. No disk."""

import os
import re
from collections import Counter
from typing import Final

LOG_SUFFIXES: Final = (".log", ".jsonl", ".json", ".csv", ".txt", ".ndjson", ".tsv")
_COMPRESSION: Final = (".gz", ".bz2", ".xz", ".zst", ".zstd", ".Z", ".lz4")
_DAY: Final = r"(?:19|20)\d\d(?P<dash>[-.]?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12]\d|3[01])"
_DATE: Final = rf"(?P<date>{_DAY}(?:[-_T.]?[0-2]\d(?:[-:.]?[0-5]\d){{0,2}}|-1\d{{9}})?|1\d{{9}})"
_STAMP: Final = rf"(?:[-.]|__?){_DATE}(?:[-_.](?P<part>\d{{1,3}}))?"
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY: Final = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
# Three digits at most: four are a port (redis.6379.log).
_AFTER: Final = re.compile(rf"(?:{_STAMP}|\.(?P<number>\d{{1,3}})|(?P<old>\.old|\.prev|\.bak|~))$")
"""Behind the whole name: x.log.1, x.log-20261123, x.log.2026-11-23.2, x.log.old."""
_SHORT: Final = r"(?<=_ex)(?P<short>\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])?)"
_INSIDE: Final = re.compile(rf"(?:{_STAMP}|\.(?P<number>\d{{1,3}})|-{_WEEKDAY}|{_SHORT})$")
"""Before the suffix: x-2026-11-23.log, x.1.log, x-2026-11-23.2.log, x__2026-11-23_14-00-00.log, x-Mon.log; of IIS
u_ex261123.log, u_ex26112314.log."""
_POD: Final = re.compile(r"/pods/[^/_]+_([^/_]+)_[^/_]+/([^/]+)/(\d+)\.log(?=$|\.)")
"""Kubelet: namespace_pod_uid/container/restarts.log, rotated with a date behind it."""
_CURRENT: Final = "current"
_SUPERVISED: Final = re.compile(r"@4[0-9a-f]{23}\.[su]")
"""svlogd, multilog, s6-log write a service's log as `current` in its own folder; parts are named by their end."""
_LOGGER: Final = "/log/main"
"""Where daemontools puts that folder: below the service's own."""


def strip_compression(name: str) -> str:
    """A file name without the suffix that compression adds."""
    for suffix in _COMPRESSION:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def log_key(path: str) -> str:
    """The log that a path is a part of: the path without compression and rotation suffixes."""
    folder, name = os.path.split(path)
    if _POD.search(os.path.abspath(path)):
        # 0.log, 1.log, ... are the runs of one container.
        return folder
    if _SUPERVISED.fullmatch(strip_compression(name)):
        return os.path.join(folder, _CURRENT)
    stem, inner, suffix = _split(name)
    return os.path.join(folder, (inner or stem) + suffix)


def place_of_service(key: str) -> str:
    """The path whose name is that of a log's service: the log's own, of `current` the folder that it is alone in."""
    folder, name = os.path.split(os.path.abspath(key))
    return folder.removesuffix(_LOGGER) if name == _CURRENT and len(folder) > 1 else key


def is_numbered_inside(path: str) -> bool:
    """Whether the name is like x.1.log: a rotated x.log, or one of several workers that log side by side."""
    stem, _, suffix = _split(os.path.basename(path))
    match = _INSIDE.search(stem) if suffix else None
    return bool(match and match["number"])


def service_name(key: str) -> str:
    """Service of a log: its container in a pod's folder, else its name without suffixes."""
    pod = pod_names(key)
    if pod:
        return pod[1]
    name = os.path.basename(key)
    for suffix in LOG_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def pod_names(path: str) -> tuple[str, str] | None:
    """Pod and container of a file that kubelet wrote; None for any other."""
    found = _POD.search(os.path.abspath(path))
    return (found.group(1), found.group(2)) if found else None


def tell_apart(path_by_key: dict[str, str], taken: dict[str, str]) -> dict[str, str]:
    """Services of logs of the same name: as many folders in front as it takes, in one folder the whole file names.

    Args:
        path_by_key: Logs that would have the same name as another one, each with the path that tells it.
        taken: The names that they would have.
    """
    beside = Counter((os.path.dirname(path), taken[key]) for key, path in path_by_key.items())
    result: dict[str, str] = {}
    for service in {taken[key] for key in path_by_key}:
        alike = {key: path for key, path in path_by_key.items() if taken[key] == service}
        own = {
            key: os.path.basename(path) if beside[os.path.dirname(path), service] > 1 else service
            for key, path in alike.items()
        }
        is_one_folder = len({os.path.dirname(path) for path in alike.values()}) == 1
        for depth in range(0 if is_one_folder else 1, 5):
            names = {key: _with_folders(path, own[key], depth) for key, path in alike.items()}
            if len(set(names.values())) == len(names):
                break
        result |= names
    return result


def _with_folders(path: str, name: str, depth: int) -> str:
    pod = pod_names(path)
    if pod:
        return f"{pod[0]}/{pod[1]}"
    folders = os.path.dirname(os.path.abspath(path)).strip("/").split("/")
    return "/".join([*[folder for folder in folders[max(0, len(folders) - depth) :] if folder], name])


def rotation_order(path: str) -> tuple[int, str, int]:
    """Sort key of the parts of one log, oldest first: high numbers, then early dates, the log itself last."""
    pod = _POD.search(os.path.abspath(path))
    run = int(pod.group(3)) if pod else 0
    name = strip_compression(os.path.basename(path))
    if _SUPERVISED.fullmatch(name):
        return (run, name, 0)
    match = _AFTER.search(name)
    if match is None or not name[: match.start()]:
        stem, _, suffix = _split(name)
        match = _INSIDE.search(stem) if suffix else None
    if match is None:
        return (run, "~", 0)
    words = match.groupdict()
    if words["date"]:
        # Within a day the numbers count up: log4j's and logback's %i.
        digits = re.sub(r"\D", "", words["date"])
        return (run, "1" + digits, int(words["part"] or 0))
    if words.get("short"):
        return (run, "120" + words["short"], 0)
    if words["number"]:
        return (run, "0", -int(words["number"]))
    if words.get("old"):
        return (run, "0", 0)
    return (run, "~", 0)


def may_have_successor(path: str) -> bool:
    """Whether a log goes on in a file of another name: this one's carries a date, a weekday or the number of a run."""
    is_dated = rotation_order(path)[1].startswith("1")
    return is_dated or next_weekday(path) is not None or _POD.search(os.path.abspath(path)) is not None


def next_weekday(path: str) -> str | None:
    """The file of the next day where a log has one for each day of the week, used again each week; else None."""
    folder, name = os.path.split(path)
    stem, _, suffix = _split(name)
    match = _INSIDE.search(stem) if suffix and name == stem + suffix else None
    if match is None or not match["weekday"]:
        return None
    following = _WEEKDAYS[(_WEEKDAYS.index(match["weekday"]) + 1) % len(_WEEKDAYS)]
    return os.path.join(folder, f"{stem[: match.start('weekday')]}{following}{suffix}")


def _split(name: str) -> tuple[str, str, str]:
    """Stem, stem without what rotation put inside (the same where it put nothing), log suffix."""
    name = strip_compression(name)
    after = _AFTER.search(name)
    bare = name[: after.start()] if after and after.start() else name
    for suffix in LOG_SUFFIXES:
        if bare.endswith(suffix) and len(bare) > len(suffix):
            stem = bare[: -len(suffix)]
            inside = _INSIDE.search(stem)
            return stem, stem[: inside.start()] if inside else stem, suffix
    return bare, bare, ""
