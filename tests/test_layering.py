"""Floors of the house: a module imports only floors below its own."""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "logscope"

FLOORS = {
    "errors": 0, "model": 0, "text": 0, "tables": 0,
    "ingest": 1, "index": 1, "sources": 1, "samples": 1,
    "knowledge": 2, "analysis": 2,
    "session": 3,
    "report": 4, "state": 4, "runner": 4,
    "ui": 5,
    "cli": 6,
}  # fmt: skip
BESIDE = {
    "ingest": {"index"},
    "index": {"ingest"},
    "analysis": {"knowledge"},
    "state": {"report"},
    "runner": {"report", "state"},
}
"""Neighbours on the same floor that may be used."""

MODULES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module):
    return module.split(".")[1] if "." in module else ""


@cache
def read(path):
    """The docstring of a module, and what it imports."""
    tree = ast.parse(path.read_text("utf-8"))
    return ast.get_docstring(tree), tuple(find_imports(tree, path))


def imports_of(path):
    return read(path)[1]


def find_imports(tree, path):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def test_a_module_imports_only_floors_below():
    """Data flows one way, upstairs."""
    wrong = []
    for name, path in MODULES.items():
        room = Path(name).parts[0].removesuffix(".py")
        if room.startswith("__"):
            continue
        for module in imports_of(path):
            other = room_of(module) if module.startswith("logscope.") else room
            if other != room and FLOORS[other] >= FLOORS[room] and other not in BESIDE.get(room, ()):
                wrong.append(f"{name} imports {module}")
    assert wrong == []


def test_rooms_of_the_analysis_stand_in_one_order():
    """No room of the analysis rests on one that rests on it: they can be listed so that each imports those before."""
    rests_on = {}
    for path in (PACKAGE / "analysis").glob("*/*.py"):
        others = {module.split(".")[2] for module in imports_of(path) if module.startswith("logscope.analysis.")}
        rests_on.setdefault(path.parent.name, set()).update(others - {path.parent.name})
    assert all(other in rests_on for others in rests_on.values() for other in others), "rooms import no file on top"
    list(TopologicalSorter(rests_on).static_order())  # raises CycleError


@pytest.mark.parametrize("room", ["model", "text", "ingest", "index", "analysis", "knowledge", "session", "report"])
def test_only_upper_floors_know_the_terminal_library(room):
    """The core runs where no screen is installed."""
    for path in (PACKAGE / room).rglob("*.py"):
        assert not any(name.split(".")[0] in ("textual", "watchfiles") for name in imports_of(path)), path


def test_a_module_says_what_it_is_for():
    """Every module has a docstring."""
    assert [name for name, path in MODULES.items() if not read(path)[0]] == []


def test_files_stand_in_one_order():
    """No file rests on one that rests on it, not even for a type or inside a function."""
    modules = {"logscope." + name.removesuffix(".py").replace("/", "."): path for name, path in MODULES.items()}
    rests_on = {module: modules.keys() & set(imports_of(path)) for module, path in modules.items()}
    list(TopologicalSorter(rests_on).static_order())  # raises CycleError


def test_lines_are_read_without_judging_them():
    """`parse` and `check` rest on nothing that judges an incident, and start in two thirds of the time."""
    modules = {"logscope." + name.removesuffix(".py").replace("/", "."): path for name, path in MODULES.items()}
    rests_on, new = set(), {"logscope.cli.inspect", "logscope.cli.parsing"}
    while new:
        rests_on |= new
        new = {other for module in new for other in imports_of(modules[module]) if other in modules} - rests_on
    rooms = {".".join(module.split(".")[1:3]) for module in rests_on}
    assert {"analysis.clocks", "runner.clock_scan"} <= rooms
    assert not rooms & {"analysis.analyse", "analysis.incident", "analysis.onset", "analysis.story", "session.session"}
