"""Regular expressions of rules: only those whose cost is bounded are accepted, because log text is hostile."""

import re
import warnings
from functools import cache
from re import Pattern
from typing import Final

MAX_REPEAT: Final = 80
"""Largest count of a repetition."""

MAX_WIDE_REPEATS: Final = 3
"""Repetitions of one alternative that may go beyond 20: their counts multiply in the worst case."""

_WIDE: Final = 20
_QUANTIFIER: Final = re.compile(r"\{(\d*)(?:(,)(\d*))?\}")


@cache
def compile_bounded(text: str) -> Pattern[str]:
    """Compile an expression of literals, classes, groups, alternatives and bounded repetitions.

    Refused are `*`, `+` and open braces (unbounded), repeated groups other than `(...)?`, look-around and references:
    whatever remains is searched in time linear in the message. The same text is compiled once.

    Raises:
        ValueError: The expression is not valid or not bounded; the text says why.
    """
    _check_bounds(text)
    try:
        with warnings.catch_warnings():
            # `[[` means another thing in some later Python: nobody is warned on a terminal, it is refused.
            warnings.simplefilter("error", FutureWarning)
            return re.compile(text)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f"not a valid expression: {error}") from error


def _check_bounds(text: str) -> None:
    """Walk over the expression once, outside of classes and escapes."""
    position, in_class, depth, wide = 0, False, 0, 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            if text[position + 1 : position + 2].isdigit():
                raise ValueError("references are not allowed")
            position += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            # A bracket that stands first belongs to the class.
            position += 1 if text[position + 1 : position + 2] == "]" else 0
            position += 2 if text[position + 1 : position + 3] == "^]" else 0
        elif char in "*+":
            raise ValueError(f"use a bounded repetition such as {{1,40}} instead of {char!r}")
        elif char == "(" and text.startswith("(?", position) and not text.startswith(("(?:", "(?i:", "(?P<"), position):
            raise ValueError("look-around, flags and references are not allowed")
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            wide = 0
        elif char == "{":
            count = _QUANTIFIER.match(text, position)
            if count is None:
                raise ValueError("a brace must be escaped or hold a repetition")
            most = count[3] if count[2] else count[1]
            if not most or int(most) > MAX_REPEAT:
                raise ValueError(f"a repetition must end at {MAX_REPEAT} or below")
            if text[position - 1] == ")":
                raise ValueError("a group must not be repeated")
            wide += int(most) > _WIDE
            if wide > MAX_WIDE_REPEATS:
                raise ValueError(f"at most {MAX_WIDE_REPEATS} repetitions of an alternative may go beyond {_WIDE}")
            position = count.end() - 1
        position += 1
