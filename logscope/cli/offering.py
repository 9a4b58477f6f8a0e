"""A report that could not be written is not lost."""

import os
import sys
from collections.abc import Sequence

from logscope.errors import ExportError
from logscope.report.files import write_report
from logscope.text.safe_text import safe_text


def offer_report(text: str, reason: str, inputs: Sequence[str], *, may_ask: bool) -> None:
    """Give out a report that could not be written: to another path, or here.

    Args:
        text: The report.
        reason: Why it could not be written.
        inputs: Files that are never written over.
        may_ask: Somebody is there to answer.
    """
    print(f"logscope: {safe_text(reason)}", file=sys.stderr)
    while may_ask:
        try:
            path = input("Write the report to another path, or press Enter to print it here: ").strip()
        except (EOFError, UnicodeDecodeError):
            break
        if not path:
            break
        try:
            print(f"Report: {os.path.abspath(write_report(os.path.expanduser(path), text, inputs, replace=False))}")
        except ExportError as error:
            print(f"logscope: {safe_text(str(error))}", file=sys.stderr)
        else:
            return
    sys.stdout.write(text)
