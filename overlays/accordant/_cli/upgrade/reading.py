"""Reading one file: what its names are, from its imports on, and which uses of accordant are in it.

Names are followed through assignments, ``with`` blocks, loops, annotations and attributes of ``self``, in the order of
the lines; a file is read twice, so that what a method sets is known in those above it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from .changes import Changes
from .installed import InstalledVendor
from .uses import Judge, Judgement, Use, at_name, parsed_at
from .values import (
    ANNOTATED_LISTS,
    NEXT,
    SAME,
    ClientValue,
    ListValue,
    MethodValue,
    ModelValue,
    ModuleValue,
    Names,
    RawValue,
    ResourceValue,
    Value,
    called,
    item_of,
    of_annotation,
    of_module,
)


def uses_in(file: str, tree: ast.Module, changes: Changes, vendors: Mapping[str, InstalledVendor]) -> list[Use]:
    """The uses in one file, in the order of its lines."""
    reader = CodeReader(file, changes, vendors)
    for _ in range(2):
        reader.names = {}
        reader.block(tree.body)
    return sorted(reader.found)


class CodeReader:
    """Follows the names of one file."""

    def __init__(self, file: str, changes: Changes, vendors: Mapping[str, InstalledVendor]) -> None:
        self.file = file
        self.changes = changes
        self.vendors = vendors
        self.judge = Judge(changes)
        self.names: Names = {}
        self.found: set[Use] = set()
        self._own: dict[str, Value] = {}
        """Attributes of classes by ``Class.attribute``, and what functions return by name."""
        self._class = ""
        self._self = ""
        self._in_class = False
        self._returns: list[Value] = []
        self._concerned = False
        """Whether the file imports the project under an old name: only then are its texts looked at."""

    def note(self, node: ast.AST, found: Iterable[Judgement]) -> None:
        """Keep uses with the place of a node."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        for each in found:
            self.found.add(Use(self.file, line, column, each.what, each.instead, each.version, each.warning))

    # statements

    def block(self, body: Iterable[ast.stmt]) -> None:
        """Read statements in their order."""
        for node in body:
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        """Read one statement."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class_body(node)
        elif isinstance(node, ast.Assign):
            value = self.value(node.value)
            for target in node.targets:
                self._bind(target, value)
        elif isinstance(node, ast.AnnAssign):
            value = self.value(node.value) if node.value is not None else None
            self._bind(node.target, self.annotation(node.annotation) or value)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._bind(node.target, item_of(self.value(node.iter)))
            self.block([*node.body, *node.orelse])
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                value = self.value(item.context_expr)
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, value)
            self.block(node.body)
        elif isinstance(node, ast.Return) and node.value is not None:
            self._returns.append(self.value(node.value))
        else:
            self._others(node)

    def _others(self, node: ast.AST) -> None:
        """The parts of everything else, in their order."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.statement(child)
            elif isinstance(child, ast.expr):
                self.value(child)
            else:
                self._others(child)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.value(each)
        outer, returns, own_self, method = self.names, self._returns, self._self, self._in_class
        self.names, self._returns, self._in_class = dict(outer), [], False
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for index, argument in enumerate(arguments):
            self.names[argument.arg] = self.annotation(argument.annotation)
            if index == 0 and method and argument.annotation is None:
                self._self = argument.arg
        self.block(node.body)
        stated = self.annotation(node.returns)
        result = stated or next((each for each in self._returns if each is not None), None)
        self._own[f"{self._class}.{node.name}()" if method else f"{node.name}()"] = result
        self.names, self._returns, self._self, self._in_class = outer, returns, own_self, method

    def _class_body(self, node: ast.ClassDef) -> None:
        for each in [*node.bases, *node.decorator_list]:
            self.value(each)
        outer, name, inside = self.names, self._class, self._in_class
        self.names, self._class, self._in_class = dict(outer), node.name, True
        self.block(node.body)
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                self._own[f"{node.name}.{item.target.id}"] = self.annotation(item.annotation)
        self.names, self._class, self._in_class = outer, name, inside

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Attribute) and self._is_self(target.value):
            if value is not None:
                self._own[f"{self._class}.{target.attr}"] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._bind(each, item_of(value))
        else:
            self.value(target)

    def _is_self(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and bool(self._self) and node.id == self._self

    # imports

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for each in node.names:
                module = self._module(node, each.name)
                first, bound = module.partition(".")[0], each.name.partition(".")[0]
                self.names[each.asname or bound] = of_module(module if each.asname else first, self.vendors)
            return
        if node.level or node.module is None:
            return
        module = self._module(node, node.module)
        for each in node.names:
            if each.name == "*":
                self._all(module)
                continue
            self.names[each.asname or each.name] = self._named(each, module, each.name)

    def _module(self, node: ast.AST, name: str) -> str:
        for renaming in self.changes.renamings:
            now = renaming.module(name)
            if now is not None:
                self._concerned = True
                self.note(
                    node, [Judgement(f"the package {name} is called {now} now", f"write `{now}`", renaming.version)]
                )
                name = now
        self.note(node, self.judge.module(name))
        return name

    def _named(self, node: ast.AST, module: str, name: str) -> Value:
        """A name that is taken from a module."""
        for vendor in self.vendors.values():
            if module in (vendor.package, f"{vendor.package}.models"):
                self.note(node, self.judge.model(vendor, name))
        self.note(node, self.judge.name_in(module, name))
        self.note(node, self.judge.module(f"{module}.{name}"))
        return of_module(f"{module}.{name}", self.vendors)

    def _all(self, module: str) -> None:
        for vendor in self.vendors.values():
            if module == f"{vendor.package}.models":
                self.names |= {name: ModelValue(vendor, name, made=False) for name in vendor.model_names}
            elif module == vendor.package:
                self.names |= {name: ClientValue(vendor, made=False) for name in vendor.clients}

    def annotation(self, node: ast.expr | None) -> Value:
        """What an annotation says of a value."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.annotation(parsed_at(node, node.value))
        if isinstance(node, ast.BinOp):
            return self.annotation(node.left) or self.annotation(node.right)
        if isinstance(node, ast.Subscript):
            several = ast.unparse(node.value).rpartition(".")[2] in ANNOTATED_LISTS
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            inner = next((each for each in map(self.annotation, parts) if each is not None), None)
            return ListValue(inner) if several and inner is not None else inner
        found = self.value(node) if isinstance(node, ast.Name | ast.Attribute) else None
        if isinstance(found, ClientValue):
            return ClientValue(found.vendor)
        return ModelValue(found.vendor, found.name) if isinstance(found, ModelValue) else None

    # expressions

    def value(self, node: ast.expr) -> Value:
        """What an expression is; uses in it are noted."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Await | ast.Starred | ast.YieldFrom):
            return self.value(node.value)
        if isinstance(node, ast.NamedExpr):
            value = self.value(node.value)
            self._bind(node.target, value)
            return value
        if isinstance(node, ast.Constant):
            self._text(node)
            return None
        if isinstance(node, ast.IfExp | ast.BoolOp):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.test, node.body, node.orelse]
            return next((each for each in list(map(self.value, parts)) if each is not None), None)
        if isinstance(node, ast.Subscript):
            self.value(node.slice)
            base = self.value(node.value)
            return base if isinstance(node.slice, ast.Slice) else item_of(base)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return next((ListValue(each) for each in list(map(self.value, node.elts)) if each is not None), None)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._comprehension(node)
        self._others(node)
        return None

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        outer, self.names = self.names, dict(self.names)
        for each in node.generators:
            self._bind(each.target, item_of(self.value(each.iter)))
            for test in each.ifs:
                self.value(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner = list(map(self.value, parts))[-1]
        self.names = outer
        return ListValue(inner) if inner is not None and not isinstance(node, ast.DictComp) else None

    def _attribute(self, node: ast.Attribute) -> Value:
        if self._is_self(node.value):
            return self._own.get(f"{self._class}.{node.attr}")
        base, place = self.value(node.value), at_name(node)
        if isinstance(base, ModuleValue):
            return self._named(place, base.name, node.attr)
        if isinstance(base, ClientValue):
            if node.attr == "raw" and base.made:
                return ClientValue(base.vendor, raw=True)
            return ResourceValue(base.vendor, node.attr) if base.made else None
        if isinstance(base, ResourceValue):
            path = f"{base.name}.{node.attr}"
            self.note(place, self.judge.method(base.vendor, path))
            return MethodValue(base.vendor, path)
        if isinstance(base, ModelValue):
            self.note(place, self.judge.field(base.vendor, base.name, node.attr))
            there = base.vendor.model(base.name)
            name = there.old.get(node.attr, node.attr) if there else node.attr
            return of_annotation(there.fields.get(name, ""), base.vendor) if there and base.made else None
        return base if isinstance(base, ListValue) and node.attr == "items" else None

    def _call(self, node: ast.Call) -> Value:
        target = self.value(node.func)
        given = list(map(self.value, node.args))
        for keyword in node.keywords:
            self.value(keyword.value)
        if isinstance(target, MethodValue):
            return self._called(target, node)
        if isinstance(target, ClientValue):
            return self._client_called(target, node, given)
        if isinstance(target, ModelValue) and not target.made:
            for place, found in self.judge.made(target.vendor, target.name, node):
                self.note(place, [found])
            return ModelValue(target.vendor, target.name)
        if isinstance(node.func, ast.Name):
            first = given[0] if given else None
            if node.func.id in SAME:
                return first
            if node.func.id in NEXT:
                return item_of(first)
            return self._own.get(f"{node.func.id}()")
        return self._attribute_called(node.func, node) if isinstance(node.func, ast.Attribute) else None

    def _attribute_called(self, function: ast.Attribute, node: ast.Call) -> Value:
        if self._is_self(function.value):
            return self._own.get(f"{self._class}.{function.attr}()")
        base = self.value(function.value)
        if isinstance(base, ClientValue) and function.attr in ("from_env", "with_options"):
            self._settings(base.vendor, node)
            return ClientValue(base.vendor)
        if isinstance(base, ModelValue) and function.attr in ("from_dict", "decode"):
            return ModelValue(base.vendor, base.name)
        if isinstance(base, ModuleValue):
            for keyword in node.keywords:
                self.note(keyword.value, self.judge.setting(f"{base.name}.{function.attr}", keyword.arg or ""))
        return called(base, function.attr)

    def _client_called(self, target: ClientValue, node: ast.Call, given: list[Value]) -> Value:
        """A client is made, or `api.raw` is given a method with its arguments."""
        method = given[0] if given else None
        if target.raw and isinstance(method, MethodValue):
            return RawValue(self._called(method, node, skipped=1))
        self._settings(target.vendor, node)
        return ClientValue(target.vendor)

    def _settings(self, vendor: InstalledVendor, node: ast.Call) -> None:
        for keyword in node.keywords:
            for place in ("accordant.ClientSettings", f"{vendor.package}.{vendor.clients[0]}"):
                self.note(keyword.value, self.judge.setting(place, keyword.arg or ""))

    def _called(self, method: MethodValue, node: ast.Call, skipped: int = 0) -> Value:
        for place, found in self.judge.call(method.vendor, method.path, node, skipped):
            self.note(place, [found])
        there = method.vendor.method(method.path)
        for change in () if there else self.changes.at(method.vendor.name, method.path, "method-renamed"):
            there = there or method.vendor.method(self.changes.latest(change))
        return of_annotation(there.returns, method.vendor) if there else None

    def _text(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str) or not self._concerned:
            return
        for renaming in self.changes.renamings:
            new = renaming.text(node.value)
            if new is not None:
                self.note(node, [Judgement(f"{node.value!r} is {new!r} now", f"write {new!r}", renaming.version)])
