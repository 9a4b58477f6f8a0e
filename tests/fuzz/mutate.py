"""Inputs: sample lines of every format and the corpus of bad input, changed in all the ways that break readers."""

import random
from itertools import islice
from pathlib import Path

from tests.fuzz.shapes import CONFIGURATION, SHAPES
from tests.ingest.format_samples import CASES
from tests.reliability.corpus import KINDS

_RULES = Path(__file__).parents[2] / "logscope" / "knowledge" / "rules"
_MOST = 40_000
TOKENS = (
    b"\n", b"\r", b"\0", b"\x1b", b"\xff", b"\xe2\x80\xae", b"\xf3\xa0\x81\x81", b'"', b"{", b"}", b"[", b"]", b"\\",
    b"\\u0000", b"\\ud800", b": ", b"=", b" ", b"\t", b"|", b",", b"-", b"--", b"0", b"-1", b"1e999", b"NaN", b"9" * 40,
    b"2026-03-02T14:02:03Z", b"14:02:03", b"Mar  2 14:02:03", b"1772460123", b"+99:99", b"ERROR", b"error", b"WARN",
    b"<11>", b"level=", b"msg=", b"time=", b'{"time":', b'"level":"error"', b"null", b"true", b"Traceback (most recent",
    b"\tat a.B.c(D.java:1)", b"Caused by: ", b"10.0.0.1:80", b"::1", b"550e8400-e29b-41d4-a716-446655440000",
    b"HTTP/1.1\" 503 ", b"%s", b"(?:a+)+$", b"Bearer ey", b"password=", b"stdout F ", b"stderr P ",
)  # fmt: skip


class Mutator:
    """Endless inputs from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._lines = [line for _, _, rows in CASES for line, _ in rows]
        self._files = [make().data[:_MOST] for make in islice(KINDS.values(), 0, None, 3)]
        self._rules = [path.read_bytes() for path in sorted(_RULES.glob("*.toml"))]
        self.kept: list[bytes] = []
        """Inputs that are worth changing further."""

    def make_log(self) -> bytes:
        """Bytes of a log file."""
        chance = self.chance
        pick = chance.random()
        if pick < 0.15 and self.kept:
            base = chance.choice(self.kept)
        elif pick < 0.3:
            base = chance.choice(self._files)
        elif pick < 0.5:
            base = chance.choice(SHAPES)(chance, self._lines)
        else:
            # Mostly one format, as in a file; sometimes several.
            lines = chance.choices(self._lines, k=chance.choice((1, 1, 1, 2, 4)))
            base = b"\n".join(chance.choice(lines) for _ in range(chance.randint(1, 60))) + b"\n"
        return self.change(base)

    def make_rules(self) -> bytes:
        """Bytes of a rule file."""
        return self.change(self.chance.choice(self._rules)[:6000])

    def make_settings(self) -> bytes:
        """Bytes of a configuration."""
        return self.change(CONFIGURATION)

    def make_line(self) -> bytes:
        """One line."""
        return self.change(self.chance.choice(self._lines)).replace(b"\n", b" ")

    def change(self, data: bytes) -> bytes:
        """Up to eight changes."""
        for _ in range(self.chance.choice((0, 1, 1, 2, 3, 8))):
            data = self._change_once(data)[:_MOST]
        return data

    def _change_once(self, data: bytes) -> bytes:
        chance = self.chance
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 2, 4, 16, 200)))
        match chance.randrange(10):
            case 0:
                return data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :]
            case 1:
                return data[:at] + data[end:]
            case 2:
                return data[:at] + chance.choice(TOKENS) + data[at:]
            case 3:
                return data[:at] + data[at:end] * chance.choice((2, 3, 50, 2000)) + data[end:]
            case 4:
                return data[:at] + chance.choice(TOKENS) * chance.choice((2, 50, 3000)) + data[end:]
            case 5:
                return data[:at] + chance.randbytes(chance.choice((1, 4, 30))) + data[end:]
            case 6:
                other = chance.choice(self._lines)
                return data[:at] + other[chance.randint(0, len(other)) :] + data[end:]
            case 7:
                rows = data.split(b"\n")
                chance.shuffle(rows)
                return b"\n".join(rows)
            case 8:
                digits = [n for n, byte in enumerate(data[:4000]) if 48 <= byte <= 57]
                if not digits:
                    return data
                where = chance.choice(digits)
                return data[:where] + chance.choice((b"9", b"0", b"99999999999", b"-", b"")) + data[where + 1 :]
            case _:
                return data[:at]
