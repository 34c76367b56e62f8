"""The command line of one call: the command's own options, and the arguments of the method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import define, field

from accordant_runtime import Wire, is_array, is_object

from .methods import Method, MethodArgument
from .usage import UsageError, shell_name, unknown
from .values import from_json, from_text, is_flag, item_kind, json_text, takes_json

OWN: Final = {"--table": False, "--max": True, "--body": True, "--help": False}
"""The options of the command itself, and whether they take a value. A method's own argument of such a name wins."""
_UNNAMED: Final = "the method takes no more arguments without a name"


@define
class CommandWords:
    """What a command line gives: texts by option, and those without a name."""

    table: bool = False
    help: bool = False
    most: int | None = None
    body: str | None = None
    own: set[str] = field(factory=set[str])
    """The options of the command itself that were given."""
    positional: list[str] = field(factory=list[str])
    named: dict[str, list[str | None]] = field(factory=dict[str, "list[str | None]"])
    """By argument; ``None`` is an option without a value."""


def split(method: Method, tokens: Sequence[str]) -> CommandWords:
    """Sort the words behind a method's name: ``--name value``, ``--name=value``, ``--flag``, and values without a name.

    Raises:
        UsageError: An option that does not exist or lacks its value. Values are not repeated: they may be secret.
    """
    known = {shell_name(each.name): each for each in method.arguments}
    given = CommandWords()
    words = iter(tokens)
    waiting = [*tokens]
    for word in words:
        waiting.pop(0)
        if word == "-h" or not word.startswith("--"):
            given.help = given.help or word == "-h"
            given.positional += [] if word == "-h" else [word]
            continue
        name, equals, text = word[2:].partition("=")
        argument = known.get(shell_name(name))
        own = f"--{shell_name(name)}"
        if argument is None and own not in OWN:
            raise unknown(f"argument of {method.path}", own, [*(each.option for each in method.arguments), *OWN])
        takes = (argument is not None) or OWN[own]
        value: str | None = text if equals else None
        if value is None and takes and waiting and _is_value(argument, waiting[0]):
            value = next(words)
            waiting.pop(0)
        if argument is not None:
            if value is None and not is_flag(argument.kind):
                raise UsageError(f"{argument.option} needs a value")
            given.named.setdefault(argument.name, []).append(value)
        else:
            _take_own(given, own, value)
    return given


def _is_value(argument: MethodArgument | None, word: str) -> bool:
    if argument is not None and is_flag(argument.kind) and word.lower() not in ("true", "false", "null"):
        return False
    return not word.startswith("--")


def _take_own(given: CommandWords, option: str, value: str | None) -> None:
    if OWN[option] == (value is None):
        raise UsageError(f"{option} {'needs a value' if value is None else 'takes no value'}")
    if option in given.own:
        raise UsageError(f"{option} is given twice")
    given.own.add(option)
    if option == "--max":
        if value is None or not (value.isascii() and value.isdigit()):
            raise UsageError("--max: write a whole number of rows, 0 or more")
        given.most = int(value)
    elif option == "--body":
        given.body = value
    elif option == "--table":
        given.table = True
    else:
        given.help = True


def keywords(method: Method, given: CommandWords) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the call, converted by the method's signature: those without a name, and the others.

    Raises:
        UsageError: One is missing, given twice, or not of its type.
    """
    if given.most is not None and not method.lists:
        raise UsageError(f"--max is for lists, and {method.path} returns none")
    named = {argument.name: argument for argument in method.arguments}
    rest: list[Any] = []
    found: dict[str, Any] = {}
    free = [each for each in method.arguments if each.by_position and each.name not in given.named]
    for text in given.positional:
        if not free:
            raise UsageError(f"{method.path}: {_UNNAMED}; give it as {_options(method) or 'nothing'}")
        argument = free[0] if free[0].repeated else free.pop(0)
        value = _converted(argument, [text])
        if argument.repeated:
            rest.append(value)
        else:
            found[argument.name] = value
    for name, texts in given.named.items():
        if named[name].repeated:
            rest += [_converted(named[name], [text]) for text in texts]
        else:
            found[name] = _converted(named[name], texts)
    if given.body is not None:
        for name, value in _members(method, json_text("--body", given.body)):
            if name in found:
                raise UsageError(f"{named[name].option} is given twice: as an option and in --body")
            found[name] = value
    missing = [each.option for each in method.arguments if each.required and each.name not in found]
    if missing:
        raise UsageError(f"{method.path} needs {', '.join(missing)}")
    return rest, found


def _converted(argument: MethodArgument, texts: Sequence[str | None]) -> Any:
    """The value of one argument; an option that takes several may be repeated."""
    words = ["true" if text is None else text for text in texts]
    item = item_kind(argument.kind)
    if item is None or (takes_json(argument.kind) and len(words) == 1):
        if len(words) > 1:
            raise UsageError(f"{argument.option} is given {len(words)} times, and takes one value")
        return from_text(argument.option, argument.kind, words[0])
    values: list[Any] = []
    for word in words:
        if takes_json(item):  # a file may hold all of them
            parsed = json_text(argument.option, word)
            values += from_json(argument.option, argument.kind, parsed if is_array(parsed) else [parsed])
        else:
            values.append(from_text(argument.option, item, word))
    return values


def _members(method: Method, body: Any) -> Iterator[tuple[str, Any]]:
    """The arguments that a JSON body gives, by its names on the wire or by the method's own."""
    if not is_object(body):
        raise UsageError("--body: write a JSON object")
    known = {each.name: each for each in method.arguments}
    wire = wire_names(method)
    names = {**{shell_name(name): name for name in known}, **wire}
    for member, value in body.items():
        name = wire.get(member) or names.get(shell_name(member))
        if name is None or name not in known:
            inside = [each for each in wire if wire[each] in known] or [shell_name(each) for each in known]
            raise unknown(f"field of the body of {method.path}", member, inside)
        yield known[name].name, from_json(f"--body: {member}", known[name].kind, value)


def wire_names(method: Method) -> dict[str, str]:
    """The arguments that make the body, by their names on the wire."""
    operation = method.operation
    body = operation.body if operation is not None else None
    if body is None:
        return {}
    by_attribute = {attribute: argument for argument, attribute in body.renamed.items()}
    table: Wire = body.model.target.WIRE if body.model is not None else {}
    names = {wire: by_attribute.get(attribute, attribute) for attribute, (wire, _) in table.items()}
    return {**names, **{part: argument for argument, part in body.parts.items()}}


def _options(method: Method) -> str:
    return ", ".join(each.option for each in method.arguments)
