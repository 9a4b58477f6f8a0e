"""For all tests."""

import compileall
import gc
import os
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import EFFORT, often

# A usual run tries the same examples each time and no clock ends it; who asks for more effort gets others each time.
settings.register_profile(
    "suite",
    derandomize=EFFORT == 1,
    max_examples=often(50),
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("suite")

_SHARED = {
    "judge_sample": "judged", "judge_small": "judged", "report.story": "judged",
    "layout_of": "layouts",
    "ui.story": "screens", "ui.make_app": "screens",
    "Terminal": "terminals", "run_warm": "terminals", "start_warm": "terminals",
}  # fmt: skip
"""Groups of modules by what they import, and by the fixtures of their folder: judged incidents, learned layouts, and
the process that starts others."""


def pytest_configure(config):
    """The program is compiled once, not by each worker and at each of the hundred starts: half a second a time."""
    if not hasattr(config, "workerinput"):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        compileall.compile_dir(Path(__file__).parents[1] / "logscope", quiet=2)


def pytest_xdist_auto_num_workers(config):
    """The whole suite runs side by side, one more than there are cores: who looks at a screen waits for it.

    Of a few files none waits for workers to start.
    """
    whole = config.args == config.getini("testpaths")
    return min(os.cpu_count() or 1, 4) + 1 if whole else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """A file is one worker's, and so are all files that ask for the same: what they share is made once.

    Side by side the last come first: the screen's are the longest, and small ones are left for who is done early.
    """
    if hasattr(config, "workerinput"):
        files = {item.getparent(pytest.Module): None for item in items}
        ranks = {file: -number for number, file in enumerate(files)}
        items.sort(key=lambda item: ranks[item.getparent(pytest.Module)])
    asked = {}
    for item in items:
        module = item.getparent(pytest.Module)
        asked.setdefault(module, set()).update(item.fixturenames)
    groups = {module: _choose_group(module, fixtures) for module, fixtures in asked.items()}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[item.getparent(pytest.Module)]))


def _choose_group(module, fixtures):
    names = {*vars(module.obj), *(f"{module.path.parent.name}.{fixture}" for fixture in fixtures)}
    return next((group for name, group in _SHARED.items() if name in names), module.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Thousands of collected tests are not looked at again and again for cycles: that was a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish():
    """pytest looks five times for what was left open: what one look leaves is not gone through again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Of three reports a test that workers write out, two dozen words each are keywords, and nobody asks for them."""
    written = yield
    if written is not None and written.get("outcome") == "passed":
        written["keywords"] = {}
    return written


@pytest.fixture(autouse=True, scope="session")
def learned_once():
    """How the same lines are written is learned once: the samples are read by dozens of tests.

    When a file was written decides between readings of its dates by whole days: files of one hour are alike.
    """
    from logscope.ingest.layouts import dates, layout
    from logscope.model.times import HOUR_US

    learned, told = {}, {}

    def learn(learn_forms, lines, reference):
        key = (tuple(lines), None if reference is None else reference // HOUR_US)
        if key not in learned:
            learned[key] = learn_forms(lines, reference)
        return learned[key]

    def tell(find, forms, lines):
        # The forms are those that were learned: they live as long as what is told of them.
        key = (find, id(forms), tuple(lines))
        if key not in told:
            told[key] = (find(forms, lines), forms)
        return told[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "learn_forms", partial(learn, layout.learn_forms))
        patch.setattr(layout, "find_fast_plan", partial(tell, layout.find_fast_plan))
        patch.setattr(dates, "_find_zone", partial(tell, dates._find_zone))
        yield


@pytest.fixture(autouse=True, scope="session")
def own_state_folder(tmp_path_factory):
    """Nothing is read from or written to the state folder of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
        yield
