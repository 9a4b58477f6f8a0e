"""What may be typed. Knows every option and nothing of what it does."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from logscope import __version__
from logscope.errors import UsageError

COMMANDS: Final = ("analyze", "report", "follow", "wait", "parse", "check", "demo", "rules", "open", "completion")

_WEST: Final = re.compile(r"-\d\d?(:?\d\d)?")
"""An offset west of Greenwich."""

_ALIKE: Final = 0.75
"""Share of letters in order by which a word is taken for a command with a slip in it."""

_EPILOG: Final = """\
PATH is a file, a directory (read recursively), a quoted glob, a compressed or rotated log, or - for standard input.
NAME=PATH gives the service a name: cart=/var/log/app/c.log

Logs are only ever read. On a slow link use `ssh -C host`, and run inside tmux so that a drop does not end the session.
Exit codes: 0 done, 1 nothing readable or the output cannot be written, 2 usage, 3 an incident was found (--exit-code),
5 second wave (wait), 70 a bug in logscope, 130 interrupted.
"""

_MAIN_HELP: Final = """\
usage: logscope [OPTIONS] [PATH ...]          the incident screen, following the files (default)
       logscope analyze  [PATH ...]           the same answer as text; --json for machines
       logscope report   [PATH ...] [-o FILE] the Markdown incident report
       logscope follow   --json PATH ...      running counters as JSON lines
       logscope wait     --for recovered --timeout 15m PATH ...
       logscope parse    PATH ...             every record as one JSON line
       logscope check    PATH ...             how each file is read, and which lines were not
       logscope demo     [NAME] [--replay]    a sample incident; no files needed
       logscope rules    list|show|check|test the knowledge behind the advice
       logscope open     [FILE.lsx]           a saved incident; without FILE the list of those kept
       logscope completion bash|zsh|fish

`logscope COMMAND --help` lists the options of one command. A file named like a command: logscope ./report
"""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command and its options."""

    command: str
    """One of COMMANDS, or `screen`."""
    options: argparse.Namespace
    given: frozenset[str]
    """Names of the options that were typed, with another value than their default."""


class _Parser(argparse.ArgumentParser):
    """Errors become one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def parse_arguments(argv: Sequence[str]) -> Parsed:
    """Read the command line.

    Raises:
        UsageError: It cannot be understood.
        SystemExit: Help or version was asked for and printed.
    """
    words = list(argv)
    if words and words[0] in COMMANDS:
        command, rest = words[0], words[1:]
    else:
        command, rest = "screen", words
        _refuse_misspelt(words)
    parser = build_parser(command)
    options = parser.parse_intermixed_args(_join_offsets(rest))
    given = frozenset(name for name, value in vars(options).items() if value != parser.get_default(name))
    return Parsed(command, options, given)


def _refuse_misspelt(words: Sequence[str]) -> None:
    """Tell of a command with a slip in it, before it is taken for a log that does not exist.

    Raises:
        UsageError: The first word is nearly a command, and no file.
    """
    if not words or not words[0].isalpha() or os.path.lexists(words[0]):
        return
    from difflib import get_close_matches

    meant = get_close_matches(words[0].lower(), COMMANDS, 1, _ALIKE)
    if meant:
        raise UsageError(f"there is neither a command nor a file {words[0]!r}; did you mean `logscope {meant[0]}`?")


def _join_offsets(words: Sequence[str]) -> list[str]:
    """`--tz -05:00` as `--tz=-05:00`: the library takes what begins with a minus for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--tz", "--display-tz") and _WEST.fullmatch(word):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined


def build_parser(command: str) -> argparse.ArgumentParser:
    """The parser of one command (`screen` for none)."""
    is_screen = command == "screen"
    parser = _Parser(
        prog="logscope" if is_screen else f"logscope {command}",
        description=None if is_screen else _DESCRIPTIONS[command],
        usage=_MAIN_HELP[len("usage: ") :] if is_screen else None,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if is_screen:
        parser.add_argument("-V", "--version", action="version", version=f"logscope {__version__}")
    _ADDERS[command](parser)
    if command != "completion":
        parser.add_argument("--config", metavar="FILE", help="instead of config.toml in the configuration folder")
    return parser


def _add_paths(parser: argparse.ArgumentParser, what: str = "PATH") -> None:
    parser.add_argument("paths", nargs="*", metavar=what, help="logs: files, directories, globs, NAME=PATH, -")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reading")
    _add_span(group)
    group.add_argument("--tz", metavar="ZONE", help="zone of logs that carry none (Europe/Berlin, UTC, +01:00)")
    group.add_argument(
        "--display-tz", metavar="ZONE", default="UTC", help="zone of the times shown: utc, local, a name"
    )
    group.add_argument("--max-memory", metavar="SIZE", help="never take more than this: 400M, 1G")
    group.add_argument("--no-rotated", action="store_true", help="do not read rotated parts beside a named log")


def _add_span(group: argparse._ActionsContainer) -> None:
    group.add_argument("-s", "--since", metavar="TIME", help="from then on: 30m, 14:00, 2026-03-02T14:00, yesterday")
    group.add_argument("-u", "--until", metavar="TIME", help="up to then")


def _add_format(parser: argparse.ArgumentParser, text: str = "force how a file is read (repeatable)") -> None:
    parser.add_argument("--format", metavar="FILE=NAME", action="append", default=[], dest="formats", help=text)


def _add_incident(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the incident")
    group.add_argument(
        "--fix-at", metavar="TIME", action="append", default=[], help="when a fix was applied (repeatable)"
    )
    group.add_argument(
        "--baseline", metavar="FILE", action="append", default=[],
        help="logs of a normal time to compare with: yesterday's, say (repeatable)",
    )  # fmt: skip
    group.add_argument(
        "--note", metavar="TIME=TEXT", action="append", default=[], dest="notes", help="a note (repeatable)"
    )


def _add_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-state", action="store_true", help="neither read nor keep notes of earlier runs")


def _add_save(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--save", metavar="FILE", help="keep the whole incident in FILE.lsx, for when the logs are gone"
    )
    _add_resume(parser)


def _add_resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="read the logs of a saved incident on from where it ends")


def _add_screen(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("screen")
    group.add_argument("--no-follow", action="store_true", help="read once, do not wait for more")
    group.add_argument("--theme", metavar="NAME", help="logscope-dark, logscope-light, ansi-dark, ansi-light, ...")
    group.add_argument("--ascii", action="store_true", help="no characters beyond ASCII")
    group.add_argument("--no-color", action="store_true", help="no colours (as does NO_COLOR)")
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    group.add_argument("--slow", action="store_true", help="for slow links: repaint once a second, 16 colours")
    group.add_argument("--no-diff", action="store_true", help="let the terminal library paint whole regions")
    group.add_argument("--bell", action="store_true", help="ring once when the verdict changes")


def _add_for_screen(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    _add_resume(parser)
    _add_reading(parser)
    _add_format(parser)
    _add_incident(parser)
    _add_state(parser)
    _add_screen(parser)


def _add_for_analyze(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document for machines")
    parser.add_argument("--redact", action="store_true", help="hide secrets and personal data in the JSON")
    _add_save(parser)
    parser.add_argument("--exit-code", action="store_true", help="exit with 3 when an incident is found")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead; replaced atomically")
    parser.add_argument("--no-color", action="store_true", help="no colours (as does NO_COLOR)")
    _add_reading(parser)
    _add_format(parser)
    _add_incident(parser)


def _add_for_report(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write there; an existing report is replaced atomically")
    parser.add_argument("--title", metavar="TEXT", help="title of the report")
    parser.add_argument("--section", action="append", default=[], metavar="NAME", help="only this section (repeatable)")
    parser.add_argument("--no-section", action="append", default=[], metavar="NAME", help="without it (repeatable)")
    parser.add_argument("--redact-ips", action="store_true", help="hide private addresses too")
    parser.add_argument("--template", metavar="FILE", help="fill a form of your own (Jinja) instead")
    _add_save(parser)
    _add_format(parser, "markdown, html, json or brief; FILE=NAME forces how a file is read (repeatable)")
    _add_reading(parser)
    _add_incident(parser)
    _add_state(parser)


def _add_for_follow(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--json", action="store_true", help="JSON lines (the only form there is)")
    _add_reading(parser)
    _add_format(parser)


def _add_for_wait(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--for", choices=["recovered"], default="recovered", dest="awaited", help="what to wait for")
    parser.add_argument("--timeout", default="15m", metavar="TIME", help="give up after this long: 90s, 15m, 1h")
    _add_reading(parser)
    _add_format(parser)
    _add_incident(parser)


def _add_for_parse(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    _add_reading(parser)
    _add_format(parser)


def _add_for_check(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    _add_reading(parser)
    _add_format(parser)


def _add_for_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="which sample; `--list` shows them")
    parser.add_argument("--list", action="store_true", help="list the samples")
    parser.add_argument("--replay", action="store_true", help="play it as if it happened now")
    parser.add_argument("--speed", type=float, default=20.0, metavar="N", help="times faster than it was (20)")
    _add_screen(parser)


def _add_for_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=["list", "show", "check", "test"], help="what to do")
    parser.add_argument("names", nargs="*", metavar="NAME", help="rule ids, or files for check and test")


def _add_for_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="FILE", help="a saved incident (.lsx); none lists those kept")
    _add_resume(parser)
    _add_span(parser)
    parser.add_argument(
        "--display-tz", metavar="ZONE", default="UTC", help="zone of the times shown: utc, local, a name"
    )
    _add_incident(parser)
    _add_screen(parser)


def _add_for_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", nargs="?", choices=["bash", "zsh", "fish"], help="which shell")


_ADDERS: Final = {
    "screen": _add_for_screen,
    "analyze": _add_for_analyze,
    "report": _add_for_report,
    "follow": _add_for_follow,
    "wait": _add_for_wait,
    "parse": _add_for_parse,
    "check": _add_for_check,
    "demo": _add_for_demo,
    "rules": _add_for_rules,
    "open": _add_for_open,
    "completion": _add_for_completion,
}

_DESCRIPTIONS: Final = {
    "analyze": "What broke first, which line proves it, whom it took down, and whether it is over.",
    "report": "The incident report: Markdown on standard output, or written to a file.",
    "follow": "Count lines, errors and warnings as they are written; ends with a total on ctrl+c.",
    "wait": "Wait until the verdict says that the incident is over.",
    "parse": "Every record as one JSON line: file, line, timestamp, level, message, group.",
    "check": "How each file is read: format, zone, share of lines with a time and a level, lines that were not read.",
    "demo": "A shipped sample incident in the screen.",
    "rules": "The knowledge behind the advice.",
    "open": "A saved incident in the screen, though its logs may be gone.",
    "completion": "Print a completion script for a shell.",
}
