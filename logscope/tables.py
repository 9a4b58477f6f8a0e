"""Tables (TOML). The package's own are read as modules are: what was parsed once is kept compiled beside them.

Seventy files are parsed in a tenth of a second, as long as an interpreter takes to start four times. Python's own
machinery keeps the result in `__pycache__`, sees when a file is newer, and parses where nothing may be written.
"""

import datetime
import os
import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

Table = Mapping[str, Any]
"""What TOML holds: who asks checks what is in it."""
_NAMES: Final = {"datetime": datetime}
"""What the written form of a value may need."""


def parse_table(text: str) -> Table:
    """A table that somebody else wrote.

    Args:
        text: What the file holds.

    Raises:
        ValueError: It is no TOML, or none that can be held.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, arrays in arrays in arrays: said in the parser's own terms.
        raise ValueError("a value is nested too deep, or a number too long") from error


class _TableLoader(SourceFileLoader):
    """Compiles a table instead of a module."""

    def source_to_code(  # type: ignore[override]
        self, data: bytes, path: str, *, _optimization: int = -1
    ) -> CodeType:
        """An expression that makes the table."""
        return compile(repr(tomllib.loads(data.decode("utf-8"))), os.fsdecode(path), "eval")


def read_table(package: str, *names: str) -> Table:
    """One table of the package, made anew.

    Args:
        package: The package it lies in.
        names: Folders below it, and the file.
    """
    file = resources.files(package).joinpath(*names)
    if not isinstance(file, Path):
        return tomllib.loads(file.read_text("utf-8"))
    name = ".".join((package, *names))
    code = _TableLoader(name, str(file)).get_code(name)
    assert code is not None, "a file has code"
    table: Table = eval(code, _NAMES)  # noqa: S307  Python's own form of what TOML said.
    return table
