"""Makes one folder that runs on a host without a package index, a compiler, pip, or root.

    python tests/tools/make_bundle.py logscope-bundle [--python 3.11 --platform manylinux_2_28_x86_64]
    tar czf logscope.tar.gz logscope-bundle && scp logscope.tar.gz host:
    host$ tar xzf logscope.tar.gz && logscope-bundle/logscope /var/log/app

The folder holds the wheels, `requirements.txt` with their pinned versions and hashes, and a starter. The first start
checks each wheel against its hash and unpacks it beside the starter; nothing is written elsewhere. With pip the same
folder installs: `pip install --no-index --find-links wheels --require-hashes -r requirements.txt`.
"""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTER = '''\
#!/usr/bin/env python3
"""Starts logscope from this folder."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
import zipfile

if sys.version_info < (3, 11):
    sys.exit("logscope: needs Python 3.11 or newer; name one: python3.11 " + sys.argv[0])

HERE = os.path.dirname(os.path.realpath(__file__))
SITE = os.path.join(HERE, f"site-{sys.version_info.major}.{sys.version_info.minor}")


def unpack():
    """Check each wheel, and unpack all of them: whole, or not at all."""
    folder = tempfile.mkdtemp(prefix=".site-", dir=HERE)
    try:
        with open(os.path.join(HERE, "requirements.txt")) as lines:
            wanted = set(re.findall("sha256:([0-9a-f]{64})", lines.read()))
        for name in sorted(os.listdir(os.path.join(HERE, "wheels"))):
            path = os.path.join(HERE, "wheels", name)
            with open(path, "rb") as wheel:
                if hashlib.sha256(wheel.read()).hexdigest() not in wanted:
                    sys.exit(f"logscope: {name} is not the file that was bundled; make the bundle again")
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(folder)
        os.rename(folder, SITE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if not os.path.isdir(SITE):
    unpack()
sys.path.insert(0, SITE)
try:
    from logscope.cli.main import main
    import numpy
except ImportError as error:
    sys.exit(f"logscope: this bundle is for another Python or system ({error}); make it with --python and --platform")
sys.exit(main())
'''


def main() -> int:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", metavar="3.N", help="of the host; default: the one that runs this")
    parser.add_argument("--platform", help="of the host, as wheels name it; default: this one")
    options = parser.parse_args()
    wheels = options.folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=False)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)], check=True)
    (own,) = wheels.glob("logscope-*.whl")
    target = [f"--python-version={options.python}"] if options.python else []
    target += [f"--platform={options.platform}"] if options.platform else []
    subprocess.run(
        [*pip, "download", "--only-binary=:all:", *target, "--dest", str(wheels), f"{own}[zstd]"], check=True
    )
    rows = []
    for path in sorted(wheels.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        rows.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    (options.folder / "requirements.txt").write_text("".join(rows))
    starter = options.folder / "logscope"
    starter.write_text(STARTER)
    starter.chmod(0o755)
    print(f"{options.folder}: {len(rows)} wheels; start {starter}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
