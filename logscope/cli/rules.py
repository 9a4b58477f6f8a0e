"""`logscope rules`: the knowledge behind the advice, listed, shown, checked and tested."""

import argparse
import sys
from typing import Final

from logscope.cli.folders import own_rules_folder
from logscope.errors import SourceError, UsageError
from logscope.knowledge.listing import find_failures, render_list, render_problems, render_rule, render_test
from logscope.knowledge.loader import check_rules, parse_rules
from logscope.sources.opening import read_small
from logscope.text.safe_text import safe_text

_MOST_BYTES: Final = 4 * 1024 * 1024


def rules(options: argparse.Namespace) -> int:
    """Run `rules list|show|check|test`; 1 when a rule is wrong or a sample fails."""
    if options.action is None:
        raise UsageError("`logscope rules` needs to know what to do: list, show, check or test")
    folder = own_rules_folder()
    if options.action in ("check", "test"):
        texts = _read_texts(options.names)
        known, problems = parse_rules(texts) if texts else check_rules(folder)
        if options.action == "check":
            _print(render_problems(known, problems))
            return 1 if problems else 0
        _print(render_test(known, problems))
        return 1 if problems or find_failures(known) else 0
    known, problems = check_rules(folder)
    for problem in problems:
        print(f"logscope: {safe_text(problem.text)}", file=sys.stderr)
    if options.action == "list":
        _print(render_list(known.rules))
        return 0
    if not options.names:
        raise UsageError("`rules show` needs the id of a rule; `logscope rules list` prints them")
    for name in options.names:
        rule = known.find(name)
        if rule is None:
            raise UsageError(f"there is no rule {name!r}; `logscope rules list` prints them")
        _print(render_rule(rule))
    return 0


def _read_texts(names: list[str]) -> tuple[tuple[str, str], ...]:
    texts = []
    for name in names:
        try:
            texts.append((name, read_small(name, _MOST_BYTES).decode()))
        except (SourceError, UnicodeDecodeError) as error:
            reason = error.reason if isinstance(error, SourceError) else "is not UTF-8"
            raise UsageError(f"{name}: cannot be read as a rule file: {reason}") from error
    return tuple(texts)


def _print(text: str) -> None:
    sys.stdout.write(safe_text(text, keep_newlines=True))
