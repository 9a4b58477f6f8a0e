"""How long the tests of random input try: `LOGSCOPE_TEST_EFFORT=10 pytest` takes ten times as many examples.

A usual run tries the same ones each time; with more effort they are others each time (`tests/conftest.py`).
"""

import os

EFFORT = max(1, int(os.environ.get("LOGSCOPE_TEST_EFFORT", "1")))


def often(count):
    """So many examples in a usual run."""
    return count * EFFORT
