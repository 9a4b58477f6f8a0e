"""Shell commands that show what logscope shows, without logscope. Written for a person; never run."""

import shlex

from logscope.model.snapshot import LineRef


def write_proof(ref: LineRef | None) -> str:
    """The command that prints a line of a file, compressed or not."""
    if ref is None:
        return "nothing to prove here: choose a row with a line"
    reader = "zcat -f" if ref.file.endswith((".gz", ".Z")) else "cat"
    return f"{reader} {shlex.quote(ref.file)} | sed -n {ref.line}p"
