"""`python -m logscope`: the same as the `logscope` command."""

import sys

from logscope.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
