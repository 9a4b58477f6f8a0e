"""Learns which keys of lines of pairs mean time, level, message and service."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from logscope.ingest.formats.logfmt import DIVIDED, PAIRS, LogfmtForm, PairKeys
from logscope.ingest.layouts.keys import find_unit, normalise, read_key_names
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, choose_reading

_REQUEST: Final = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /")


def learn_pairs(lines: Sequence[bytes], reference: int | None = None) -> tuple[LogfmtForm, int] | None:
    """The form of lines of pairs, and how many lines have its head; None when most are not made of pairs.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    found = learn_logfmt(lines, reference)
    if found is None and sum(1 for line in lines if line.count(b"\t") > 1) * 2 > len(lines):
        return learn_logfmt(lines, reference, "ltsv")
    for name, mark in DIVIDED.items():
        if found is None and sum(1 for line in lines if line.count(mark) > 1) * 2 > len(lines):
            found = learn_logfmt(lines, reference, name)
    return found


def learn_logfmt(
    lines: Sequence[bytes], reference: int | None = None, name: str = "logfmt"
) -> tuple[LogfmtForm, int] | None:
    """The form of lines of pairs as they look in the form of a name, one of `PAIRS`; else as `learn_pairs`."""
    pair = PAIRS[name]
    counts: Counter[str] = Counter()
    values: dict[str, list[bytes]] = {}
    stamps = AnyStamp()
    pair_lines = 0
    for line in lines:
        pairs = pair.findall(line[:4096])
        covered = sum(len(key) + len(value) + 2 for key, value in pairs)
        if len(pairs) < 2 or covered < 0.8 * min(len(line), 4096):
            continue
        pair_lines += 1
        for key, value in dict(pairs).items():
            named = key.decode("latin-1")
            counts[named] += 1
            values.setdefault(named, []).append(value.strip(b"\"'"))
    if not pair_lines or pair_lines * 2 < len(lines):
        return None

    plain = {normalise(name): name for name in reversed(list(counts))}

    def choose(names: tuple[str, ...], least: float) -> bytes | None:
        for name in names:
            if name in plain and counts[plain[name]] >= least * pair_lines:
                return plain[name].encode("latin-1")
        return None

    keys = read_key_names()

    time_names = tuple(
        name
        for name in keys.time
        if name in plain and any(stamps.read(value, ParseState()) is not None for value in values[plain[name]][:5])
    )

    def lacks(name: str) -> int:
        kind = stamps.find_kind(values[plain[name]][0])
        return Missing.EPOCH if kind is None else kind[0].missing

    # A time of day beside a number since 1970 says less.
    time = choose(tuple(sorted(time_names, key=lacks)), 0.8)
    level = choose(keys.level, 0.3)
    is_request = choose(keys.method, 0.3) is not None or any(
        sum(1 for value in values[plain[name]] if _REQUEST.match(value)) * 2 > pair_lines
        for name in ("req", "request") if name in plain
    )  # fmt: skip
    status = choose(keys.status, 0.5) if is_request else None
    if time is None and level is None and status is None:
        return None
    service = choose(keys.service, 0.7)
    if service is not None and not 1 < len(set(values[service.decode("latin-1")])) <= max(2, pair_lines // 3):
        service = None
    took = choose(keys.took, 0.5) if status is not None else None
    unit = 1000
    if took is not None:
        unit = find_unit(took.decode("latin-1"), list(_numbers(values[took.decode("latin-1")])))
    missing, reading = Missing.NOTHING, ""
    if time is not None:
        texts = values[time.decode("latin-1")]
        kind = stamps.find_kind(texts[0])
        if kind is not None:
            missing, reading = kind[0].missing, choose_reading(kind[0].name, texts, reference)
    found = PairKeys(time, level, choose(keys.message, 0.2), service, status, took, unit)
    form = LogfmtForm(name, found, missing, reading)
    return form, sum(1 for line in lines if form.parse(line, ParseState()) is not None)


def _numbers(texts: Sequence[bytes]) -> Iterator[float]:
    for text in texts:
        try:
            yield float(text)
        except ValueError:
            continue
