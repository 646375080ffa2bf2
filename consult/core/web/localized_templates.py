"""Jinja environment that inlines translations: one compiled template per language.

A page has about 300 translated strings. Looking up each during rendering costs more than everything else. `_("Fixed
words")` therefore becomes a constant at compilation, and a template has one compiled form per language: its internal
name is `ar|layout.html`. `ngettext` still chooses between forms at rendering.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask.templating import Environment
from jinja2 import BaseLoader, nodes
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from consult.core.i18n import count_words, current_language, load_catalogue

_LANGUAGE_SEPARATOR = "|"
_GETTEXT_NAMES = {"_", "gettext"}
_LOCALIZED_FILTERS = {"number", "day"}
"""Filters that get the language as an argument, so that they need not look it up each time."""
_PLAIN_CALLABLES = (Macro, FunctionType, MethodType, BuiltinFunctionType)


class LocalizedLoader(BaseLoader):
    """Loads the source of `ar|layout.html` from `layout.html` of another loader."""

    def __init__(self, source: BaseLoader) -> None:
        self.source = source

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        return self.source.get_source(environment, template.rpartition(_LANGUAGE_SEPARATOR)[2])

    def list_templates(self) -> list[str]:
        return self.source.list_templates()


class FastContext(Context):
    """Calls macros and plain functions directly. Jinja checks each four times for special arguments."""

    def call(self, called: Any, /, *given: Any, **named: Any) -> Any:
        if type(called) not in _PLAIN_CALLABLES or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *given, **named)
        if named:
            named.pop("_loop_vars", None)
            named.pop("_block_vars", None)
        return called(*given, **named)


class LocalizedEnvironment(Environment):
    """A Jinja environment with one template per language."""

    context_class = FastContext

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        assert self.loader
        self.loader = LocalizedLoader(self.loader)

    def join_path(self, template: str, parent: str) -> str:
        """Resolve extended and imported templates in the same language."""
        return (
            f"{parent.partition(_LANGUAGE_SEPARATOR)[0]}{_LANGUAGE_SEPARATOR}{template}"
            if _LANGUAGE_SEPARATOR in parent
            else template
        )

    def make_globals(self, more: Any) -> Any:
        """Return a plain dict, because Jinja compares other mappings key by key at each import."""
        return super().make_globals(more) if more else self.globals

    @staticmethod
    @lru_cache(maxsize=4096)
    def counted(code: str, one: str, many: str, n: int, context: str = "") -> str:
        """Return the plural form of a language for a number."""
        return count_words(code, one, many, n, context)

    def _load_template(self, name: str, globals: Any) -> Any:
        return super()._load_template(
            name if _LANGUAGE_SEPARATOR in name else f"{current_language()}{_LANGUAGE_SEPARATOR}{name}", globals
        )

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if name and _LANGUAGE_SEPARATOR in name:
            escaped = self.autoescape(name) if callable(self.autoescape) else self.autoescape
            code = name.partition(_LANGUAGE_SEPARATOR)[0]
            _TranslationInliner(code, load_catalogue(code), escaped).visit(tree)
        return tree


class _TranslationInliner(NodeTransformer):
    """Replaces translation calls with the translation, with the same result as Jinja's new-style gettext."""

    def __init__(self, code: str, words: NullTranslations, escaped: bool) -> None:
        self.code, self.words, self.make = code, words, Markup if escaped else str

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        fixed = [each.value for each in node.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        if node.dyn_args or node.dyn_kwargs:
            return node
        if name in _GETTEXT_NAMES and len(fixed) == len(node.args) == 1:
            return self.said(nodes.Const(self.make(self.words.ugettext(fixed[0]))), node.kwargs)
        if name == "pgettext" and len(fixed) == len(node.args) == 2:
            return self.said(nodes.Const(self.make(self.words.upgettext(*fixed))), node.kwargs)
        contexts = {"ngettext": 0, "npgettext": 1}.get(name)
        if contexts is not None and len(fixed) == contexts + 2 and len(node.args) == contexts + 3:
            asked = [nodes.Const(self.code), *node.args[contexts:], *node.args[:contexts]]
            form = nodes.Call(nodes.EnvironmentAttribute("counted"), asked, [], None, None, lineno=node.lineno)
            values = [nodes.Keyword("num", node.args[-1]), *node.kwargs]
            return self.said(nodes.MarkSafe(form) if self.make is Markup else form, values)
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        self.generic_visit(node)
        if node.name in _LOCALIZED_FILTERS:
            node.kwargs.append(nodes.Keyword("code", nodes.Const(self.code)))  # type: ignore[arg-type]
        return node

    def said(self, words: nodes.Expr, values: list[nodes.Keyword]) -> nodes.Expr:
        """Return an expression for a sentence with its values, or a constant if there are none."""
        if isinstance(words, nodes.Const) and not values:
            return nodes.Const(words.value % {})
        return nodes.Mod(words, nodes.Dict([nodes.Pair(nodes.Const(item.key), item.value) for item in values]))
