"""Onto a host without an index: one folder, checked by hashes, that runs without a network, pip or a compiler."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif("LOGSCOPE_LARGE" not in os.environ, reason="downloads wheels: LOGSCOPE_LARGE=1 runs it")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("host") / "logscope-bundle"
    subprocess.run([sys.executable, str(ROOT / "tests/tools/make_bundle.py"), str(folder)], check=True, timeout=300)
    return folder


def alone(*words):
    """A command without a network, without pip's and Python's own settings, in an empty folder."""
    namespace = ["unshare", "-n"] if os.getuid() == 0 else ["unshare", "-r", "-n"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("no network namespaces here")
    return subprocess.run(
        [*namespace, *map(str, words)], capture_output=True, text=True, timeout=120, check=False, cwd="/",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"},
    )  # fmt: skip


def test_it_runs_from_its_folder(bundle):
    """The starter checks and unpacks the wheels and answers; nothing is fetched."""
    logs = ROOT / "sample_incidents" / "checkout-redis-oom" / "logs"
    done = alone(sys.executable, "-I", "-S", bundle / "logscope", "analyze", "--json", logs)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["candidates"][0]["service"] == "redis"
    again = alone(sys.executable, "-I", "-S", bundle / "logscope", "demo", "--list")
    assert "checkout-redis-oom" in again.stdout


def test_it_installs_by_hash(bundle, tmp_path):
    """pip takes it without an index when every hash is right."""
    assert alone(sys.executable, "-m", "venv", tmp_path / "venv").returncode == 0
    pip = [tmp_path / "venv/bin/pip", "install", "-q", "--no-index", "--find-links", bundle / "wheels"]
    done = alone(*pip, "--require-hashes", "-r", bundle / "requirements.txt")
    assert done.returncode == 0, done.stderr
    assert alone(tmp_path / "venv/bin/logscope", "--version").stdout.startswith("logscope ")


def test_another_file_is_refused(bundle, tmp_path):
    """A wheel that was changed on the way is not unpacked."""
    copy = shutil.copytree(bundle, tmp_path / "copy", ignore=shutil.ignore_patterns("site-*"))
    wheel = next((copy / "wheels").glob("rich-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = alone(sys.executable, "-I", "-S", copy / "logscope", "--version")
    assert done.returncode == 1
    assert "is not the file that was bundled" in done.stderr
    assert not list(copy.glob("*site-*"))
