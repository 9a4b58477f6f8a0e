"""The entry point: runs one command and turns its outcome into an exit code.

Only here do exceptions become exit codes. Nothing heavy is imported before the command is known: `--help` and `analyze`
never load the screen.
"""

import argparse
import contextlib
import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Final, Never

from logscope.cli.arguments import Parsed, parse_arguments
from logscope.cli.bugs import report_bug
from logscope.cli.config import apply_config
from logscope.cli.config_place import load_config
from logscope.cli.memory import collect_again, limit_memory
from logscope.cli.streams import abandon_output, repair_streams
from logscope.errors import ExportError, OutputError, SourceError, UsageError
from logscope.text.safe_text import safe_text

EXIT_OK: Final = 0
EXIT_UNREADABLE: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130

_BATCHES: Final = ("analyze", "report")
"""Commands that read to the end, answer and are done."""
_OWN_TIME: Final = (*_BATCHES, "screen")
"""Commands that say themselves from when on what is thrown away is looked for; batches never do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code (README, "Exit codes")."""
    if argv is None:
        repair_streams()
    # Neither importing nor a batch throws away what it makes: looking for cycles is a tenth of the time for nothing.
    gc.disable()
    try:
        parsed = parse_arguments(sys.argv[1:] if argv is None else argv)
        code = _run(parsed)
        sys.stdout.flush()
        if argv is None and parsed.command in _BATCHES:
            _leave(code)
    except UsageError as error:
        return _complain(str(error), EXIT_USAGE)
    except OutputError as error:
        abandon_output()
        return _complain(str(error), EXIT_UNREADABLE)
    except (SourceError, ExportError) as error:
        return _complain(str(error), EXIT_UNREADABLE)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): that is its right.
        abandon_output()
        return EXIT_OK
    except MemoryError:
        return _complain(
            "there is not enough memory for these logs; read fewer files, or allow more: --max-memory", EXIT_UNREADABLE
        )
    except Exception:  # the last resort: a bug must leave a trace and a sentence, never a page of traceback
        return report_bug(traceback.format_exc())
    finally:
        gc.enable()
    return code


def _run(parsed: Parsed) -> int:
    options = parsed.options
    config = load_config(getattr(options, "config", None) or os.environ.get("LOGSCOPE_CONFIG"))
    for warning in config.warnings:
        print(f"logscope: {safe_text(warning)}", file=sys.stderr)
    apply_config(config, options, parsed.given.__contains__)
    options.configured = config
    options.process_bytes = limit_memory(options.max_memory) if getattr(options, "max_memory", None) else None
    command = _find_command(parsed.command)
    if parsed.command not in _OWN_TIME:
        collect_again()
    return command(options)


def _find_command(name: str) -> Callable[[argparse.Namespace], int]:
    match name:
        case "analyze":
            from logscope.cli.batch import analyze

            return analyze
        case "report":
            from logscope.cli.batch import report

            return report
        case "parse":
            from logscope.cli.parsing import parse

            return parse
        case "check":
            from logscope.cli.inspect import check

            return check
        case "follow":
            from logscope.cli.live import follow

            return follow
        case "wait":
            from logscope.cli.live import wait

            return wait
        case "demo":
            from logscope.cli.demo import demo

            return demo
        case "rules":
            from logscope.cli.rules import rules

            return rules
        case "open":
            from logscope.cli.opening import open_saved

            return open_saved
        case "completion":
            from logscope.cli.completion import completion

            return completion
        case _:
            from logscope.cli.screen import screen

            return screen


def _leave(code: int) -> Never:
    """End now, all being written: to give each object back by itself takes as long as reading twenty megabytes."""
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def _complain(sentence: str, code: int) -> int:
    print(f"logscope: {safe_text(sentence)}", file=sys.stderr)
    return code
