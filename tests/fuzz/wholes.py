"""What must hold of a whole run: several logs and options, a saved incident that was damaged, a log that grows."""

import contextlib
import io
import json
import random
import zlib
from pathlib import Path

from logscope.cli.main import main
from logscope.ingest.layouts.forced import list_formats
from logscope.model.snapshot import Snapshot
from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request
from logscope.sources.opening import MAGIC_SIZE, detect_compression
from logscope.state.incident import _HEAD, _LENGTH
from tests.fuzz.mutate import TOKENS
from tests.fuzz.targets import WALL_US, refuse
from tests.reliability.corpus import count_lines

NAMES = ("x.log", "y.json", "alerts.json", "metrics.csv", "releases.json", "flags.toml", "x.log.1", "z")
TIMES = ("14:00", "2026-03-02T14:02:10", "30m", "yesterday", "2026-03-02T14:02:03.5+01:00", "0s", "90d", "now", "")


class Wholes:
    """A folder for the logs of a run, emptied for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved = b""

    def choose(self, data: bytes) -> None:
        """Any logs beside each other under any options: an answer, or one line that says why not."""
        chance = random.Random(data)
        paths = self._write(data, chance)
        code, out, error = self._run(*chance.choice((["analyze", "--json"], ["parse"], ["check"])), *paths)
        if code == 0 and out.startswith("{"):
            for line in out.splitlines():
                json.loads(line, parse_constant=refuse)
        words = [*chance.choice((["analyze", "--json"], ["analyze"], ["report", "--no-state"])), *paths]
        for option in chance.sample(("--since", "--until", "--tz", "--fix-at", "--note", "--format", "--baseline"), 3):
            words += [option, self._make_value(option, data, chance, paths)]
        code, out, error = self._run(*words)
        assert code != 2 or error.count("\n") == 1, error

    def reopen(self, data: bytes) -> None:
        """A saved incident in which anything stands: it is opened, or refused in one line."""
        chance = random.Random(data)
        content = self._spoil(chance)
        path = self._folder / "spoilt.lsx"
        path.write_bytes(content)
        words = chance.choice((["analyze", "--json"], ["analyze"], ["report", "--no-state"], ["parse"]))
        more = ["--since", chance.choice(TIMES[1:])] if chance.random() < 0.3 and words != ["parse"] else []
        code, _, error = self._run(*words, str(path), *more)
        assert code == 0 or error.count("\n") == 1, error

    def grow(self, data: bytes) -> None:
        """A log that grows by pieces of any size between two looks: every line is counted once."""
        chance = random.Random(data)
        path = self._folder / "grows.log"
        path.write_bytes(b"")
        now = [0.0]
        request = Request([str(path)])
        opened = open_request(request, live=True)
        loop = LiveLoop(request, opened, lambda _: None, clock=lambda: now[0], wall=lambda: WALL_US / 1e6)
        try:
            loop.catch_up()
            bounds = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 1, 5, 20))))
            with path.open("ab", buffering=0) as file:
                for begin, end in zip([0, *bounds], [*bounds, len(data)], strict=True):
                    file.write(data[begin:end])
                    now[0] += chance.choice((0.3, 1.0, 7.0))
                    loop.look()
                    if chance.random() < 0.2:
                        loop.judge()
            for _ in range(3):
                now[0] += 60.0
                loop.look()
            loop._sources.finish()
            told: list[Snapshot] = []
            loop._publish = told.append
            loop.judge()
        finally:
            loop.close()
        is_packed = detect_compression(data[:MAGIC_SIZE]) is not None
        if not is_packed and not any(file.encoding.startswith(("utf-16", "utf-32")) for file in told[-1].files):
            counted = sum(file.lines for file in told[-1].files)
            assert counted == count_lines(data), f"{counted} lines of {count_lines(data)}"

    def _write(self, data: bytes, chance: random.Random) -> list[str]:
        """The bytes as a few logs beside each other."""
        folder = self._folder / "logs"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        names = chance.sample(NAMES, chance.randint(1, 4))
        for number, name in enumerate(names):
            part = data[len(data) * number // len(names) : len(data) * (number + 1) // len(names)]
            (folder / name).write_bytes(chance.choice((part, data)))
        return chance.choice(([str(folder)], [str(folder / name) for name in names]))

    @staticmethod
    def _make_value(option: str, data: bytes, chance: random.Random, paths: list[str]) -> str:
        words = [*TIMES, *(word.decode("latin-1") for word in data[:400].split()[:9] if b"\0" not in word)]
        match option:
            case "--format":
                return f"{chance.choice(('*', paths[0], 'x.log'))}={chance.choice((*list_formats(), 'none'))}"
            case "--tz":
                return chance.choice(("Europe/Berlin", "UTC", "+05:30", "Mars", "", "local"))
            case "--baseline":
                return chance.choice(paths)
            case "--note":
                return f"{chance.choice(words)}={chance.choice(words)}"
            case _:
                return chance.choice(words)

    def _spoil(self, chance: random.Random) -> bytes:
        if not self._saved:
            self._saved = self._save()
        content = self._saved
        if chance.random() < 0.3:
            at = chance.randrange(len(content))
            return content[:at] + chance.randbytes(chance.randrange(5)) + content[at + chance.randrange(5) :]
        head = _HEAD.match(content)
        assert head is not None, "a saved incident begins so"
        inner = zlib.decompress(content[head.end() :], wbits=47)
        size = int.from_bytes(inner[:_LENGTH], "little")
        text, tables = inner[_LENGTH : _LENGTH + size], inner[_LENGTH + size :]
        for _ in range(chance.randint(1, 4)):
            if chance.random() < 0.2 and tables:
                at = chance.randrange(len(tables))
                tables = tables[:at] + chance.randbytes(8) + tables[at + chance.choice((0, 8)) :]
                continue
            # Of a value, so that it is still an object mostly.
            at = text.find(chance.choice((b":", b",", b"[")), chance.randrange(len(text))) + 1
            token = chance.choice((b"-1", b"null", b"9" * 25, b'"x"', b"[]", b"{}", b"1e308", b"true", *TOKENS))
            end = at + chance.choice((0, 1, 2, 4))
            text = text[:at] + token + text[end:]
        inner = len(text).to_bytes(_LENGTH, "little") + text + tables
        return head[0] + zlib.compress(inner, 1, wbits=31)

    def _save(self) -> bytes:
        log, kept = self._folder / "saved.log", self._folder / "saved.lsx"
        rows = [
            f"2026-03-02T14:{n // 60:02d}:{n % 60:02d}Z {'ERROR' if 300 < n < 400 else 'INFO'} [cart] order {n} failed"
            for n in range(600)
        ]
        log.write_text("\n".join(rows) + "\n")
        code, _, error = self._run("analyze", "--save", str(kept), str(log))
        assert code == 0, error
        return kept.read_bytes()

    @staticmethod
    def _run(*words: str) -> tuple[int, str, str]:
        out, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = main(words)
        assert code in (0, 1, 2), error.getvalue()
        return code, out.getvalue(), error.getvalue()
