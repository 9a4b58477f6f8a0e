"""The package's own tables: what TOML says, however often and by whomever they were read before."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from logscope import tables
from logscope.tables import read_table

PACKAGE = Path(tables.__file__).parent
FILES = sorted(path.relative_to(PACKAGE).parts for path in PACKAGE.rglob("*.toml"))


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A package with one table."""
    folder = tmp_path / "shelf_of_tables"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.delitem(sys.modules, "shelf_of_tables", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    return folder / "one.toml"


def test_every_table_is_what_toml_says():
    """All files of the package, dates and numbers included."""
    for *folders, name in FILES:
        expected = tomllib.loads(PACKAGE.joinpath(*folders, name).read_text("utf-8"))
        assert read_table("logscope", *folders, name) == expected, name


def test_a_table_is_parsed_once_and_anew_when_it_changed(own, monkeypatch):
    """What was parsed is kept beside the file until that is newer."""
    own.write_text("day = 2026-03-02\n")
    first = read_table("shelf_of_tables", "one.toml")
    parse = tomllib.loads
    monkeypatch.setattr(tomllib, "loads", lambda text: pytest.fail("parsed again"))
    assert read_table("shelf_of_tables", "one.toml") == first
    monkeypatch.setattr(tomllib, "loads", parse)
    own.write_text("day = 2026-03-03\n")
    os.utime(own, (1, 1))
    assert read_table("shelf_of_tables", "one.toml")["day"].day == 3


def test_a_table_is_read_where_nothing_may_be_written(own):
    """A place for what was parsed that cannot be made keeps nobody from reading."""
    own.write_text("words = ['refused', 'denied']\n")
    (own.parent / "__pycache__").write_text("")
    assert read_table("shelf_of_tables", "one.toml") == {"words": ["refused", "denied"]}
