"""Continuations that begin like their record: PostgreSQL writes the stamp before each line of one error. Pure."""

import re

_CLOCK = re.compile(rb"\d:\d\d:\d\d")


def find_repeated(head: bytes, line: bytes) -> bytes:
    """What a continuation repeats of its record's head: the stamp, and whole words behind it; empty for less."""
    same = next((n for n, (a, b) in enumerate(zip(head, line, strict=False)) if a != b), min(len(head), len(line)))
    begin = head[: head.rfind(b" ", 0, same) + 1]
    return begin if _CLOCK.search(begin) else b""
