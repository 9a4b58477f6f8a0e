"""Learns which keys of lines of pairs mean time, level, message and service."""

from collections import Counter
from collections.abc import Iterator, Sequence

from logscope.ingest.formats.logfmt import PAIR, LogfmtForm, PairKeys
from logscope.ingest.layouts.keys import find_unit, normalise, read_key_names
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, choose_reading


def learn_logfmt(lines: Sequence[bytes], reference: int | None = None) -> tuple[LogfmtForm, int] | None:
    """The form of lines of pairs, and how many lines have its head; None when most are not made of pairs.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    counts: Counter[str] = Counter()
    values: dict[str, list[bytes]] = {}
    stamps = AnyStamp()
    pair_lines = 0
    for line in lines:
        pairs = PAIR.findall(line[:4096])
        covered = sum(len(key) + len(value) + 2 for key, value in pairs)
        if len(pairs) < 2 or covered < 0.8 * min(len(line), 4096):
            continue
        pair_lines += 1
        for key, value in dict(pairs).items():
            name = key.decode("latin-1")
            counts[name] += 1
            values.setdefault(name, []).append(value.strip(b'"'))
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
    time = choose(time_names, 0.8)
    level = choose(keys.level, 0.3)
    status = choose(keys.status, 0.5) if choose(keys.method, 0.3) is not None else None
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
    form = LogfmtForm("logfmt", found, missing, reading)
    return form, sum(1 for line in lines if form.parse(line, ParseState()) is not None)


def _numbers(texts: Sequence[bytes]) -> Iterator[float]:
    for text in texts:
        try:
            yield float(text)
        except ValueError:
            continue
