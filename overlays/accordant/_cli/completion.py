"""`accordant completion bash`: a script with which a shell completes commands, and the words that it asks for.

The scripts hold no lists: they call `accordant __complete WORD ...`, which knows what is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, TextIO

from . import workbench
from .arguments import OWN
from .assistants import OPTIONS as MCP_OPTIONS
from .methods import Method, MethodArgument, client_class, find_method, method_names, resources, vendor_names
from .upgrade.check import OPTIONS as UPGRADE_OPTIONS
from .usage import UsageError, shell_name, unknown
from .values import alternatives, is_flag, item_kind

_OWN: Final = ("vendors", "spec", "call", "sandbox", "evidence", "mcp", "proxy", "upgrade-check", "completion")
COMMANDS: Final = (*_OWN, *workbench.COMMANDS)
COMPLETE: Final = "__complete"
_OF_A_VENDOR: Final = ("spec", "evidence", "proxy", "pull", "regenerate", "drift", "contract")
_SANDBOX: Final = (
    "--document",
    "--host",
    "--port",
    "--fault",
    "--seed",
    "--random-seed",
    "--clock",
    "--cors",
    "--derived",
    "--reachable-by-others",
    "--setting",
    "--help",
)
HELP: Final = """usage: accordant completion bash|zsh|fish

Prints a script that completes commands, vendors, methods, their options, and the values of enums.

  bash  source <(accordant completion bash)           in ~/.bashrc
  zsh   source <(accordant completion zsh)            in ~/.zshrc, after compinit
  fish  accordant completion fish | source            in ~/.config/fish/config.fish
"""
_BASH: Final = """\
_accordant() {
    local IFS=$'\\n'
    COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    # A command that names none of its words takes a file there.
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _accordant accordant
"""
_ZSH: Final = """\
#compdef accordant
_accordant() {
    local -a found
    found=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( ${#found} )); then compadd -a found; else _files; fi
}
compdef _accordant accordant
"""
_FISH: Final = """\
function __accordant_words
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] __complete $words[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c accordant -f -a '(__accordant_words)'
"""
SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def completion(words: Sequence[str], out: TextIO) -> int:
    """Print the script of a shell.

    Raises:
        UsageError: No shell is named, or one without a script.
    """
    if any(word in ("-h", "--help") for word in words):
        out.write(HELP)
        return 0
    if len(words) != 1:
        raise UsageError(f"name one shell: {', '.join(SCRIPTS)}")
    if words[0] not in SCRIPTS:
        raise unknown("script for the shell", words[0], SCRIPTS)
    out.write(SCRIPTS[words[0]])
    return 0


def complete(words: Sequence[str], out: TextIO) -> int:
    """Print what the last of the words may become, one a line; of a line that makes no sense, nothing."""
    before, begun = (list(words[:-1]), words[-1]) if words else ([], "")
    try:
        found = list(candidates(before, begun))
    except UsageError:
        found = []
    out.writelines(f"{each}\n" for each in found)
    return 0


def candidates(before: Sequence[str], begun: str) -> Iterator[str]:
    """The words that may follow these and begin so.

    Raises:
        UsageError: One of the words before does not exist.
    """
    yield from (each for each in _candidates(list(before), begun) if each.startswith(begun))


def _candidates(before: list[str], begun: str) -> Iterable[str]:
    if not before:
        return [*COMMANDS, "--help", "--version"]
    command, rest = before[0], before[1:]
    if command == "call":
        return _of_call(rest, begun)
    if command == "mcp":
        return _of_mcp(rest)
    if command == "upgrade-check":
        return UPGRADE_OPTIONS if begun.startswith("-") else []
    if command == "completion":
        return [*SCRIPTS, "--help"] if not rest else []
    if command == "sandbox":
        return [*vendor_names(), "all", *_SANDBOX] if not rest else _SANDBOX if begun.startswith("-") else []
    return vendor_names() if command in _OF_A_VENDOR and not rest else []


def _of_call(rest: list[str], begun: str) -> Iterable[str]:
    if not rest:
        return [*vendor_names(), "--help"]
    client = client_class(rest[0])
    if len(rest) == 1:
        paths = [f"{name}.{each}" for name, kind in resources(client).items() for each in method_names(kind)]
        return [*paths, "--help"]
    method = find_method(client, rest[1])
    options = {each.option: each for each in method.arguments}
    name, equals, _ = begun.partition("=")
    if equals and name in options:
        return [f"{name}={each}" for each in _values_of(options[name])]
    if rest[-1] in options and len(rest) > 2:
        values = _values_of(options[rest[-1]])
        if values and not begun.startswith("--"):
            return values
        if not is_flag(options[rest[-1]].kind):
            return []
    return _free_options(method, rest[2:]) if not begun or begun.startswith("-") else []


def _free_options(method: Method, given: Sequence[str]) -> list[str]:
    """The options of a method that were not given yet, or that may be given again."""
    used = {word.partition("=")[0] for word in given}
    own = [each for each in OWN if method.lists or each != "--max"]
    free = [
        each.option for each in method.arguments if each.repeated or item_kind(each.kind) or each.option not in used
    ]
    return [*free, *(each for each in own if each not in used and each not in free)]


def _values_of(argument: MethodArgument) -> list[str]:
    """What may be written for an argument, where that is one of a few words."""
    found: list[str] = []
    for kind in alternatives(item_kind(argument.kind) or argument.kind):
        if isinstance(kind, type) and issubclass(kind, Enum):
            found += [each.value if isinstance(each.value, str) else shell_name(each.name).lower() for each in kind]
        elif kind is bool:
            found += ["true", "false"]
    return found


def _of_mcp(rest: list[str]) -> Iterable[str]:
    if not rest:
        return [*vendor_names(), "--help"]
    if rest[-1] == "--only":
        return resources(client_class(rest[0]))
    return [each for each in MCP_OPTIONS if each not in rest]
