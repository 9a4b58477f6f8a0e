"""What is said of paths that are not read."""

import sys
from collections.abc import Callable, Iterable, Sequence

from logscope.errors import SourceError
from logscope.sources.discovery import Refusal
from logscope.text.safe_text import safe_text


def tell(sentence: str) -> None:
    """One line on stderr."""
    print(f"logscope: {sentence}", file=sys.stderr)


def complain(refusals: Iterable[Refusal], tell: Callable[[str], None] = tell) -> None:
    """One line for each path that is not read."""
    for refusal in refusals:
        tell(f"{safe_text(refusal.path)}: {safe_text(refusal.reason)}")


def complain_of(
    paths: Sequence[str], refusals: Sequence[Refusal], *, is_empty: bool, tell: Callable[[str], None] = tell
) -> None:
    """One line for each path that a person should know of.

    Args:
        paths: What was named.
        refusals: What cannot be read of it.
        is_empty: Nothing else is left.
        tell: Takes each line.

    Raises:
        SourceError: There is nothing to read.
    """
    errors = [refusal for refusal in refusals if refusal.is_error]
    if is_empty and len(errors) == 1:
        raise SourceError(errors[0].path, errors[0].reason)
    complain(errors, tell)
    if is_empty:
        raise SourceError(" ".join(paths[:3]), "nothing readable")
