"""Templates compiled once for each language, with their fixed words already in it.

A page has some three hundred translated strings; looking each up while it is rendered costs more than all its other
work. So `_("Fixed words")` becomes a constant when a template is compiled, and a template has one compiled form for a
language: inside the environment its name is `ar|layout.html`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask
from flask.templating import Environment
from jinja2 import BaseLoader, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from consult.core.i18n import language

_MARK = "|"
_NAMES = {"_", "gettext"}


class SpokenLoader(BaseLoader):
    """Finds the source of `ar|layout.html` where another loader has `layout.html`."""

    def __init__(self, source: BaseLoader) -> None:
        self.source = source

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        return self.source.get_source(environment, template.rpartition(_MARK)[2])

    def list_templates(self) -> list[str]:
        return self.source.list_templates()


class SpokenEnvironment(Environment):
    """Jinja's environment, with a template for each language in the place of one for all."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        assert self.loader
        self.loader = SpokenLoader(self.loader)
        self._folder = Path(app.root_path) / "translations"

    def join_path(self, template: str, parent: str) -> str:
        """What a template extends or imports is in its own language."""
        return f"{parent.partition(_MARK)[0]}{_MARK}{template}" if _MARK in parent else template

    def _load_template(self, name: str, globals: Any) -> Any:
        return super()._load_template(name if _MARK in name else f"{language()}{_MARK}{name}", globals)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if name and _MARK in name:
            escaped = self.autoescape(name) if callable(self.autoescape) else self.autoescape
            _Fold(_translations(self._folder, name.partition(_MARK)[0]), escaped).visit(tree)
        return tree


class _Fold(NodeTransformer):
    """Puts the translation in the place of a call that asks for it, as Jinja's new-style gettext would say it."""

    def __init__(self, words: NullTranslations, escaped: bool) -> None:
        self.words, self.make = words, Markup if escaped else str

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        fixed = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], nodes.Const) else None
        if not (isinstance(node.node, nodes.Name) and node.node.name in _NAMES and isinstance(fixed, str)):
            return node
        if node.dyn_args or node.dyn_kwargs:
            return node
        said = self.make(self.words.ugettext(fixed))
        if not node.kwargs:
            return nodes.Const(said % {}, lineno=node.lineno)
        values = nodes.Dict([nodes.Pair(nodes.Const(item.key), item.value) for item in node.kwargs])
        return nodes.Mod(nodes.Const(said), values, lineno=node.lineno)


@lru_cache(maxsize=16)
def _translations(folder: Path, code: str) -> NullTranslations:
    return Translations.load(folder, [code])
