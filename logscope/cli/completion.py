"""`logscope completion`: scripts for bash, zsh and fish, made from the parsers themselves."""

import argparse
import sys

from logscope.cli.arguments import COMMANDS, build_parser
from logscope.errors import UsageError

_BASH = """\
# bash completion for logscope: eval "$(logscope completion bash)"
_logscope() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" command="" word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case " {commands} " in *" $word "*) command="$word"; break ;; esac
    done
    local options
    case "$command" in
{cases}
        *) options="{screen}" ;;
    esac
    if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "{commands}" -- "$current") $(compgen -f -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}}
complete -o filenames -F _logscope logscope
"""

_ZSH = """\
#compdef logscope
# zsh completion for logscope: logscope completion zsh > "${{fpath[1]}}/_logscope"
autoload -U +X bashcompinit && bashcompinit
{bash}"""


def completion(options: argparse.Namespace) -> int:
    """Print the script of one shell."""
    if options.shell is None:
        raise UsageError("`logscope completion` needs the name of a shell: bash, zsh or fish")
    script = {"bash": _bash, "zsh": lambda: _ZSH.format(bash=_bash()), "fish": _fish}[options.shell]()
    sys.stdout.write(script)
    return 0


def option_strings(command: str) -> list[str]:
    """All options of one command (`screen` for none), as they are typed."""
    parser = build_parser(command)
    return sorted(text for action in parser._actions for text in action.option_strings)


def _bash() -> str:
    cases = "\n".join(f'        {name}) options="{" ".join(option_strings(name))}" ;;' for name in COMMANDS)
    return _BASH.format(commands=" ".join(COMMANDS), cases=cases, screen=" ".join(option_strings("screen")))


def _fish() -> str:
    lines = ["# fish completion for logscope: logscope completion fish | source"]
    known = " ".join(COMMANDS)
    lines += [f"complete -c logscope -n '__fish_is_first_arg' -a {name}" for name in COMMANDS]
    for command in ("screen", *COMMANDS):
        seen = f"__fish_seen_subcommand_from {known if command == 'screen' else command}"
        condition = f"not {seen}" if command == "screen" else seen
        for text in option_strings(command):
            kind = f"-l {text[2:]}" if text.startswith("--") else f"-s {text[1:]}"
            lines.append(f"complete -c logscope -n '{condition}' {kind}")
    return "\n".join(lines) + "\n"
