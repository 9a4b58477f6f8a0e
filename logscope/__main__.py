"""`python -m logscope`: the same as the `logscope` command."""

import sys

if __name__ == "__main__":
    # Before anything is loaded that an older one cannot even read.
    if sys.version_info < (3, 11):  # noqa: UP036
        own = "{}.{}".format(*sys.version_info[:2])
        sys.exit("logscope: needs Python 3.11 or newer, this is " + own + "; try python3.11")

    from logscope.cli.main import main

    sys.exit(main())
