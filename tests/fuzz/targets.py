"""What must hold for any bytes. Each target takes an input and raises where it does not."""

import contextlib
import io
import json
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from logscope.cli.config_file import read_config
from logscope.cli.main import main
from logscope.cli.times import parse_duration, parse_when, parse_zone
from logscope.errors import SourceError, UsageError
from logscope.index.index import Index
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.ingest.signatures.masks import mask
from logscope.knowledge.loader import parse_rules
from logscope.model.files import ROLLED
from logscope.model.times import NO_TIME, format_iso
from logscope.runner.request import Request, open_request
from logscope.sources.opening import MAGIC_SIZE, detect_compression
from logscope.sources.reader import read_blocks
from logscope.text.redact import Redactor
from logscope.text.safe_text import _SUSPECT, safe_text
from logscope.text.unrolling import Roll, Unroller
from logscope.ui.palette import make_colours
from tests.reliability.corpus import PACKERS, count_lines

WALL_US = 1_772_755_200_000_000


def refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


class Files:
    """A folder for inputs that must be files."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "x.log"

    def analyze(self, data: bytes) -> None:
        """`analyze --json`: strict, lines exact, group counts add up, the same twice."""
        self.path.write_bytes(data)
        documents = [self._run("analyze", "--json") for _ in range(2)]
        assert documents[0] == documents[1], "two runs differ"
        if documents[0] is None:
            return
        document = json.loads(documents[0], parse_constant=refuse)
        (file,) = document["files"]
        is_wide = file["encoding"].startswith(("utf-16", "utf-32"))
        if not is_wide and detect_compression(data[:MAGIC_SIZE]) is None:
            assert file["lines"] == count_lines(data), "lines are not counted exactly"
        counted = sum(g["count"] for g in document["groups"] if g["level"] in ("warn", "error", "fatal"))
        # Requests that were refused for a client's own fault are counted, not listed.
        failures = file["errors"] + file["warnings"]
        assert counted == failures or (counted < failures and b"HTTP/" in data), "group counts do not add up"
        is_rolled = any(problem["kind"] == ROLLED for problem in file["problems"])
        assert file["records"] <= file["lines"] or is_rolled, "more records than lines"

    def tell(self, data: bytes) -> None:
        """`parse` is strict, in order and whole; `check`, `report` and the text print nothing that a terminal obeys."""
        self.path.write_bytes(data)
        last = 0
        parsed = (self._run("parse") or "").splitlines()
        is_rolled = bool(parsed) and open_request(Request([str(self.path)])).plans[0].layout.roll is not None
        for line in parsed:
            row = json.loads(line, parse_constant=refuse)
            assert row["line"] > last or (is_rolled and row["line"] == last), "line numbers do not grow"
            last = row["line"]
        for words in (("check",), ("report", "--no-state"), ("analyze",), ("report", "--no-state", "--format", "html")):
            text = self._run(*words) or ""
            # Our own word joiner parts an at sign from a name: no mention.
            assert not _SUSPECT.search(text.replace("\n", "").replace("\u2060", "")), (
                f"{words} prints what a terminal obeys"
            )

    def unpack(self, data: bytes) -> None:
        """Any bytes as a compressed stream: content or a problem, in bounded pieces."""
        chance = random.Random(len(data))
        packed = chance.choice(list(PACKERS.values()))(data)
        at = chance.randrange(len(packed))
        self.path.write_bytes(packed[:at] + chance.randbytes(chance.randrange(4)) + packed[at + chance.randrange(9) :])
        problems: list[object] = []
        try:
            for block in read_blocks(str(self.path), problems.append, block=100_000):
                assert len(block) <= 100_000
        except SourceError:
            pass

    def _run(self, *words: str) -> str | None:
        out, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = main([*words, str(self.path)])
        assert code in (0, 1), error.getvalue()
        return out.getvalue() if code == 0 else None


def scan(data: bytes) -> None:
    """Any cut gives the same index, and the columns count each line once."""
    layout = learn_layout(Sample("x.log", data[:65_536], b"", b"", len(data), WALL_US))
    whole = _fold(layout, [data])
    chance = random.Random(len(data))
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((1, 3, 40))))
    bounds = [0, *cuts, len(data)]
    pieces = [data[a:b] for a, b in pairwise(bounds)]
    if layout.roll is not None:
        whole = _fold(layout, _unroll(layout.roll, [data]))
        pieces = _unroll(layout.roll, pieces)
    assert whole == _fold(layout, pieces), f"another index when cut at {cuts}"
    assert whole[1] == count_lines(data)


def _unroll(roll: Roll, pieces: list[bytes]) -> list[bytes]:
    coder = Unroller(roll)
    return [*map(coder.feed, pieces), coder.flush()]


def _fold(layout: object, pieces: list[bytes]) -> tuple[str, int, int]:
    scanner = Scanner(layout, "x", examine=True)  # type: ignore[arg-type]
    index = Index()
    lines = records = 0
    for batch in (*(scanner.feed(piece) for piece in pieces if piece), None):
        last = scanner.flush() if batch is None else batch
        index.fold("x", last, scanner.signatures)
        lines += last.line_count
        records += len(last.time)
        for moment in last.time.tolist():
            assert moment == NO_TIME or format_iso(moment)
    return index.digest(), lines, records


def texts(data: bytes) -> None:
    """The gate is shut and stays shut, masks are stable, redaction hides the same twice."""
    # Of plain ASCII the three are one.
    for text in {data.decode("utf-8", "replace"), data.decode("utf-8", "surrogateescape"), data.decode("latin-1")}:
        shown = safe_text(text)
        assert not _SUSPECT.search(shown)
        assert safe_text(shown) == shown
        clean = Redactor().redact(text)
        assert Redactor().redact(text) == clean
    # Stamps glued to digits need a second pass; text of any program does not (tests/ingest/test_masks.py).
    masked = mask(mask(data[:300]))
    assert mask(masked) == masked, "masking does not settle"


def rules(data: bytes) -> None:
    """A rule file is rules and problems, whatever it holds."""
    parse_rules([("x.toml", data.decode("utf-8", "replace"))])


def settings(data: bytes) -> None:
    """A configuration is options and warnings, or a sentence; themes of it are colours, or one."""
    with contextlib.suppress(UsageError):
        config = read_config("config.toml", data.decode("utf-8", "replace"))
        for name, given in config.themes.items():
            with contextlib.suppress(ValueError):
                make_colours(name, given)


def times(data: bytes) -> None:
    """What a person types is a time or a sentence."""
    text = data[:60].decode("utf-8", "replace")
    for read in (parse_duration, parse_zone, lambda t: parse_when(t, WALL_US, parse_zone("Europe/Berlin"))):
        with contextlib.suppress(UsageError):
            read(text)


def timed(target: Callable[[bytes], None], data: bytes) -> float:
    """CPU seconds of one input."""
    begun = time.process_time()
    target(data)
    return time.process_time() - begun
