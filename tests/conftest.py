"""For all tests."""

import os

import pytest

_SHARED = ("judge_sample", "layout_of")
"""A judged sample, and the layout of a format."""


def pytest_xdist_auto_num_workers(config):
    """The whole suite runs side by side; of a few files none waits for workers to start."""
    whole = config.args == config.getini("testpaths")
    return min(os.cpu_count() or 1, 4) if whole else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A file is one worker's, and so are all files that ask for the same: what they share is made once."""
    for item in items:
        module = item.getparent(pytest.Module)
        asked = [name for name in _SHARED if hasattr(module.obj, name)]
        item.add_marker(pytest.mark.xdist_group(asked[0] if asked else module.nodeid))


@pytest.fixture(autouse=True)
def own_state_folder(tmp_path_factory, monkeypatch):
    """Nothing is read from or written to the state folder of whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
