"""What people said about a set of logs, kept between runs: notes, marked lines, known noise, names, formats.

One file for each set of logs in the state folder, for its owner only, written whole at each change: a lost connection
takes nothing away. Never beside the logs.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logscope.errors import ExportError
from logscope.model.kinds import Kind
from logscope.model.snapshot import Note
from logscope.report.files import write_report

_VERSION: Final = 1
_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was said."""

    notes: tuple[Note, ...] = ()
    muted: frozenset[Kind] = frozenset()
    bindings: tuple[tuple[str, str], ...] = ()
    """Names or addresses in the logs, and the service that each means."""
    formats: tuple[tuple[str, str], ...] = ()
    """Real paths of logs, and the name of the format that each is written in."""


class Memory:
    """The file of one set of logs."""

    def __init__(self, folder: Path, logs: Iterable[str]) -> None:
        """Nothing is read or written yet.

        Args:
            folder: State folder.
            logs: Keys of the sources: the paths of their live files. Their order does not matter.
        """
        paths = sorted(os.path.realpath(path) for path in logs)
        name = hashlib.blake2b("\0".join(paths).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        self._logs = paths
        self._path = folder / "incidents" / f"{name}.json"
        self.problem: str | None = None
        """Why what was kept could not be read; None when all is well."""

    def load(self) -> Remembered:
        """What was said earlier; nothing where the file is missing, damaged or of another version."""
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                raise ValueError("too large")
            content = json.loads(self._path.read_text("utf-8"))
            if content["version"] != _VERSION:
                raise ValueError(f"version {content['version']}")
            notes = tuple(Note(int(n["time"]), str(n["text"]), bool(n["is_fix"])) for n in content["notes"])
            muted = frozenset((str(service), str(template)) for service, template in content["muted"])
            bindings = tuple((str(name), str(service)) for name, service in content.get("bindings", ()))
            formats = tuple((str(path), str(name)) for path, name in content.get("formats", ()))
        except (FileNotFoundError, NotADirectoryError):
            return Remembered()
        except (OSError, ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
            self.problem = f"saved notes cannot be read ({type(error).__name__}); they are left as they are"
            return Remembered()
        return Remembered(notes, muted, bindings, formats)

    def save(self, said: Remembered) -> None:
        """Replace what was kept. A file that could not be read is kept under another name.

        Raises:
            ExportError: It cannot be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.problem is not None and self._path.exists():
                self._path.replace(self._path.with_suffix(".unreadable"))
                self.problem = None
        except OSError as error:
            raise ExportError(
                f"{self._path.parent}: cannot be made: {(error.strerror or str(error)).lower()}"
            ) from error
        content = {
            "version": _VERSION,
            "logs": self._logs,
            "notes": [{"time": n.time, "text": n.text, "is_fix": n.is_fix} for n in said.notes],
            "muted": sorted(said.muted),
            "bindings": list(said.bindings),
            "formats": list(said.formats),
        }
        write_report(str(self._path), json.dumps(content, indent=1) + "\n", (), replace=True)
