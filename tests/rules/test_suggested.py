"""Wherever an argument is called by its name or label, it is marked as long as no person has given it a name.

A loop, a macro or else a whole template that names an argument also asks whether it is `checked`, or calls a macro that
does. A macro that names one and does not ask is held against those who call it. In Python the same holds of a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
NAMES = {"name", "label", "phrases"}
MARKS = {"checked", "suggested"}
ARGUMENTS = {"argument", "other"}
CHECKED_ALREADY = {
    "consult/arguments/views.py:_page": "it is in the field of the form that names it",
    "consult/responses/reminders.py:_names": "only what is checked owes an answer",
}
Macro = tuple[str, str]  # a template, and the name of the macro there


@cache
def parse_templates() -> dict[str, nodes.Template]:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    files = [path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    return {str(path.relative_to(ROOT / "templates")): environment.parse(path.read_text()) for path in files}


@cache
def _imported(name: str) -> dict[str, Macro]:
    """The macros that a template can call, by the names it has for them."""
    found = {macro.name: (name, macro.name) for macro in parse_templates()[name].find_all(nodes.Macro)}
    for line in parse_templates()[name].find_all(nodes.FromImport):
        if isinstance(line.template, nodes.Const):
            for each in line.names:
                was, called = each if isinstance(each, tuple) else (each, each)
                found[called] = (line.template.value, was)
    return found


def _within(scope: nodes.Node) -> Iterator[nodes.Node]:
    """Return the content of a scope, without that of its loops and macros, and without the condition of a loop."""
    for node in scope.iter_child_nodes(exclude=("test",) if isinstance(scope, nodes.For) else None):
        yield node
        if not isinstance(node, nodes.For | nodes.Macro):
            yield from _within(node)


def _names_one(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.Getattr) or node.attr not in NAMES:
        return False
    of = node.node
    return (isinstance(of, nodes.Name) and of.name in ARGUMENTS) or (
        isinstance(of, nodes.Getattr) and of.attr in ARGUMENTS
    )


def _called(node: nodes.Node, name: str) -> Macro | None:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return _imported(name).get(node.node.name)
    return None


def _has_mark(scope: nodes.Node, name: str, marking: set[Macro]) -> bool:
    asks = any(one.attr in MARKS for one in scope.find_all(nodes.Getattr))
    return asks or any(_called(one, name) in marking for one in scope.find_all(nodes.Call))


@cache
def sort_macros() -> tuple[set[Macro], set[Macro]]:
    """Macros that mark, and those that name and leave the mark to who calls them."""
    marking: set[Macro] = set()
    naming: set[Macro] = set()
    for _round in range(4):  # one calls another
        for name, tree in parse_templates().items():
            for macro in tree.find_all(nodes.Macro):
                key = (name, macro.name)
                names = any(_names_one(one) or _called(one, name) in naming for one in _within(macro))
                marks = _has_mark(macro, name, marking)
                if marks:
                    marking.add(key)
                (naming.add if names and not marks else naming.discard)(key)
    return marking, naming


def find_unmarked(name: str) -> list[int]:
    """The lines of a template that name an argument where nothing tells that it is suggested."""
    tree, found = parse_templates()[name], []
    marking, naming = sort_macros()
    for scope in [tree, *tree.find_all((nodes.For, nodes.Macro))]:
        if isinstance(scope, nodes.Macro) and (name, scope.name) in naming:
            continue
        named = [one.lineno for one in _within(scope) if _names_one(one) or _called(one, name) in naming]
        if named and not _has_mark(scope, name, marking):
            found += named
    return found


def test_an_argument_is_named_beside_the_mark_of_what_nobody_checked() -> None:
    unmarked = {name: lines for name in parse_templates() if (lines := find_unmarked(name))}
    assert unmarked == {}


def test_the_rule_knows_which_macros_name_and_which_mark() -> None:
    marking, naming = sort_macros()
    assert {("arguments/parts.html", "told"), ("arguments/parts.html", "label")} <= naming
    assert {("arguments/parts.html", "working"), ("arguments/parts.html", "voices")} <= marking


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((ROOT / "consult").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


def _reads_name(function: ast.FunctionDef) -> bool:
    typed = {one.arg for one in function.args.args if getattr(one.annotation, "id", "") == "Argument"}
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in NAMES and isinstance(node.ctx, ast.Load):
            of = node.value
            if isinstance(of, ast.Name) and of.id in typed | {"argument"}:
                return True
            if isinstance(of, ast.Attribute) and of.attr == "argument":
                return True
    return False


def test_a_function_that_reads_the_name_of_an_argument_asks_whether_it_is_checked() -> None:
    found = {
        where
        for where, function in _functions()
        if _reads_name(function)
        and not any(isinstance(node, ast.Attribute) and node.attr in MARKS for node in ast.walk(function))
    }
    assert found == set(CHECKED_ALREADY)
