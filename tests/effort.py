"""How long the tests of random input try: `LOGSCOPE_TEST_EFFORT=10 pytest` takes ten times as many examples."""

import os

EFFORT = max(1, int(os.environ.get("LOGSCOPE_TEST_EFFORT", "1")))


def often(count):
    """So many examples in a usual run."""
    return count * EFFORT
