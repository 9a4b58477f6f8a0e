"""`analyze` and `report`: read to the end, judge once, print."""

import argparse
import sys

from logscope.cli.options import build_request, open_or_complain
from logscope.report.json import render_json
from logscope.runner import run_batch


def analyze(options: argparse.Namespace) -> int:
    """One screen of text, or the JSON document."""
    request = build_request(options, siblings=True)
    snapshot = run_batch(request, open_or_complain(request))
    text = render_json(snapshot)
    sys.stdout.write(text)
    return 3 if options.exit_code and snapshot.incident is not None else 0
