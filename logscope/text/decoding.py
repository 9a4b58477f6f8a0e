"""What bytes mean: finds a file's encoding, and turns wide encodings into UTF-8 piece by piece.

Only UTF-16 and UTF-32 are turned: their newlines are not the byte 10. Everything else is read as it stands, so that
offsets are those of the file; offsets in a turned file are those of its content as UTF-8, as in a compressed one.
"""

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = frozenset(("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
GLANCE: Final = 4096
"""First bytes that tell a wide encoding."""


def detect_encoding(head: bytes) -> str:
    """Name of the encoding by its first bytes: `utf-8` (also with faults), `latin-1`, `utf-16-le`, ...

    Args:
        head: First bytes of the content, the more the surer; empty is `utf-8`.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    text = head[:GLANCE]
    if b"\0" in text and len(text) >= 8:
        # Of UTF-32 the highest byte is always zero, the next one nearly so.
        zeros = [text[at::4].count(0) * 4 / len(text) for at in range(4)]
        if zeros[3] > 0.9 and zeros[2] > 0.9 and zeros[0] < 0.1:
            return "utf-32-le"
        if zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.1:
            return "utf-32-be"
        half = len(text) // 2
        odd, even = text[1::2].count(0), text[0::2].count(0)
        if odd > 0.8 * half and even < 0.1 * half:
            return "utf-16-le"
        if even > 0.8 * half and odd < 0.1 * half:
            return "utf-16-be"
    if head.isascii():
        return "utf-8"
    good = sum(len(found) for found in _MULTIBYTE.findall(head))
    high = sum(len(found) for found in _HIGH.findall(head))
    return "latin-1" if high and good * 2 < high else "utf-8"


def is_wide(encoding: str) -> bool:
    """Whether the encoding must be turned into UTF-8 before lines are split."""
    return encoding in _WIDE


class Transcoder:
    """Turns a stream of a wide encoding into UTF-8; what cannot be decoded becomes U+FFFD."""

    def __init__(self, encoding: str) -> None:
        """Begins at the stream's first byte; a byte order mark there is dropped."""
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._at_begin = True

    def feed(self, piece: bytes) -> bytes:
        """UTF-8 of the characters that the piece completes."""
        return self._encode(self._decoder.decode(piece))

    def flush(self) -> bytes:
        """UTF-8 of what is left: a cut character at the stream's end."""
        return self._encode(self._decoder.decode(b"", final=True))

    def copy(self) -> "Transcoder":
        """The same state, read on independently."""
        twin = Transcoder(self._encoding)
        twin._decoder.setstate(self._decoder.getstate())
        twin._at_begin = self._at_begin
        return twin

    def _encode(self, text: str) -> bytes:
        if self._at_begin and text:
            self._at_begin = False
            text = text.removeprefix("\ufeff")
        return text.encode("utf-8", "replace")


def transcode_sample(piece: bytes, encoding: str) -> bytes:
    """UTF-8 of a piece cut out of a file; of a wide one that begins inside a character, from the next one on."""
    if not is_wide(encoding):
        return piece.removeprefix(codecs.BOM_UTF8)
    width = 4 if encoding.startswith("utf-32") else 2
    # The cut that leaves the most line ends whole is at a character's begin.
    newline = "\n".encode(encoding)
    start = max(range(width), key=lambda at: (_count_aligned(piece, newline, at, width), -at))
    coder = Transcoder(encoding)
    return coder.feed(piece[start:]) + coder.flush()


def _count_aligned(piece: bytes, text: bytes, start: int, width: int) -> int:
    return sum(1 for found in re.finditer(re.escape(text), piece) if found.start() % width == start)
