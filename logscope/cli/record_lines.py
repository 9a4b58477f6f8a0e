"""Records as JSON lines, a batch at a time and column by column: what returns again and again is encoded once."""

import json
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from json.encoder import encode_basestring_ascii as encode_text
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64
from logscope.ingest.messages import MessageReader
from logscope.ingest.signatures.variants import MOST_TEMPLATES, Variants
from logscope.ingest.texts import take_texts
from logscope.ingest.timestamps.local import LocalClock
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US, format_iso
from logscope.runner.kept_records import Column, Rows

_Texts = NDArray[np.object_]

_JOINT: Final = "\x1e\x1f"
"""Between messages that are encoded together: of two bytes, so that no other text is encoded as it is."""
_JOINT_BYTES: Final = _JOINT.encode()
_JOINT_ENCODED: Final = encode_text(_JOINT)[1:-1]
_FIRST_SECOND: Final = -62_135_596_800
_LAST_SECOND: Final = 253_402_300_799
"""What ISO 8601 can write."""
_UNTIMED: Final = 1000
"""Behind the thousandths, in whose place nothing is written of a record without a time."""


def _make_column(texts: Iterable[str]) -> _Texts:
    return np.array(list(texts), np.object_)


_THOUSANDTHS: Final = _make_column([*(f"{number:03d}" for number in range(1000)), ""])
_MILLIONTHS: Final = _make_column([*(f'{number:03d}Z","level":' for number in range(1000)), ',"level":'])
_WORDS: Final = {int(level): json.dumps(level.word) for level in Severity}
_LEVELS: Final = _make_column(f'{_WORDS.get(number)},"message":"' for number in range(max(Severity) + 1))


class RecordLines:
    """Writes the records of one source."""

    def __init__(self, paths: Sequence[str], zone_us: int, zone: tzinfo | None, variants: Variants) -> None:
        """Args are kept.

        Args:
            paths: Of the source's parts.
            zone_us: What other files prove that is to be added to its times.
            zone: That the user gave, for stamps without one of their own.
            variants: Groups of templates.
        """
        self._zone_us = zone_us
        self._clock = None if zone is None else LocalClock(zone)
        self._variants = variants
        self._begins = [f'{{"file":{encode_text(path)},"line":' for path in paths]
        self._groups: dict[str, str] = {}
        self._messages: MessageReader | None = None

    def write(self, rows: Rows) -> str:
        """One line for each record."""
        count = len(rows.time)
        if not count:
            return ""
        columns = [
            self._write_begins(rows.part), map(str, rows.line.tolist()), *self._write_times(rows.time),
            _LEVELS[rows.severity].tolist(), self._write_messages(rows), self._write_groups(rows),
        ]  # fmt: skip
        pieces = [""] * (count * len(columns))
        for number, column in enumerate(columns):
            pieces[number :: len(columns)] = column
        return "".join(pieces)

    def _write_begins(self, part: Column) -> list[str]:
        begins = self._begins
        return [begins[number] for number in part.tolist()] if len(begins) > 1 else begins * len(part)

    def _write_times(self, time: Int64) -> tuple[list[str], list[str], list[str]]:
        """The times up to the point, then thousandths, then what stands up to the level."""
        is_timed = time != NO_TIME
        time = self._clock.to_utc_all(time) if self._clock is not None else time + self._zone_us
        second, fraction = np.divmod(time, US)
        second = np.where(is_timed, np.clip(second, _FIRST_SECOND, _LAST_SECOND), NO_TIME)
        begins = np.flatnonzero(np.append(True, second[1:] != second[:-1]))
        texts = _make_column(map(_write_second, second[begins].tolist()))
        thousandth, millionth = np.divmod(fraction, 1000)
        thousandth[~is_timed] = millionth[~is_timed] = _UNTIMED
        return (
            np.repeat(texts, np.diff(np.append(begins, len(time)))).tolist(),
            _THOUSANDTHS[thousandth].tolist(),
            _MILLIONTHS[millionth].tolist(),
        )

    def _write_messages(self, rows: Rows) -> list[str]:
        """The messages as JSON, without quotes around."""
        if self._messages is None or self._messages.layout is not rows.layout:
            self._messages = MessageReader(rows.layout)
        told, read = rows.messages, self._messages.read
        if told is None:
            return _encode_all(read(take_texts(rows.texts, np.arange(len(rows.texts)))))
        missing = np.flatnonzero(told.begin < 0)
        if not len(missing):
            return _encode_all(_decode_all(told.texts()))
        texts = _make_column([""]).repeat(len(rows.texts))
        is_told = np.flatnonzero(told.begin >= 0)
        texts[is_told] = _decode_all(told.take(is_told).texts())
        texts[missing] = read(take_texts(rows.texts, missing))
        return _encode_all(texts.tolist())

    def _write_groups(self, rows: Rows) -> list[str]:
        number, signatures = rows.signature, rows.signatures
        ends = _make_column([""]).repeat(len(signatures))
        for one in np.flatnonzero(np.bincount(number, minlength=len(signatures))).tolist():
            ends[one] = self._write_group(signatures[one].template)
        texts: list[str] = ends[number].tolist()
        return texts

    def _write_group(self, template: str) -> str:
        text = self._groups.get(template)
        if text is None:
            if len(self._groups) >= MOST_TEMPLATES:
                self._groups.clear()
            text = self._groups[template] = f'","group":{encode_text(self._variants.find_group(template))}}}\n'
        return text


def _write_second(second: int) -> str:
    if second == NO_TIME:
        return ',"timestamp":null'
    return f',"timestamp":"{format_iso(second * US, 0)[:-1]}.'


def _decode_all(texts: Sequence[bytes]) -> list[str]:
    joined = _JOINT_BYTES.join(texts)
    if b"\r" not in joined:
        try:
            found = joined.decode().split(_JOINT)
        except UnicodeDecodeError:
            pass
        else:
            if len(found) == len(texts):
                return found
    return [text.decode("utf-8", "replace").rstrip("\r") for text in texts]


def _encode_all(texts: Sequence[str]) -> list[str]:
    found = encode_text(_JOINT.join(texts))[1:-1].split(_JOINT_ENCODED)
    return found if len(found) == len(texts) else [encode_text(text)[1:-1] for text in texts]
