"""Templates keep the layers too: they take nothing from packages above, and whatever needs the database is in a view.

What packages above put on a page comes through the slots of `consult/core/slots.py`.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Template, nodes
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from consult.accounts.model import Account
from consult.arguments.slots import ArgumentOutcomes
from consult.consultations.model import Consultation, Phase
from consult.core import slots
from consult.core.slots import Slot
from consult.core.web.access import Role
from consult.decisions import reasons
from consult.moderation.model import Decision
from consult.submissions.model import Comment
from consult.submissions.pages.slots import RedactionReasons
from tests.sample import load_sample

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
SHARED = {"kit", "errors", "layout.html", "slim.html"}
"""Templates of `core`: layouts, and macros that know no package."""
ROOMS = {"evidence": "submissions"}
"""Folders of templates that are rooms of a package."""
_TAKING = (nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)


def _layers() -> dict[str, int]:
    """The height of each package, by the contract of import-linter."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {name: -at for at, layer in enumerate(layers) for name in layer.split(" | ")}


HEIGHT = _layers()


def package(template: str) -> str:
    """Return the package that a template belongs to."""
    folder = template.partition("/")[0]
    return "core" if folder in SHARED else ROOMS.get(folder, folder)


def module_package(module: str | None) -> str | None:
    """The package of ours that a module is in."""
    name, _dot, rest = (module or "").partition(".")
    return rest.partition(".")[0] if name == "consult" else None


def may_use(user: str, used: str) -> bool:
    return user == used or HEIGHT[used] < HEIGHT[user]


@lru_cache(maxsize=1)
def _parsed(app: Flask) -> Sequence[tuple[str, nodes.Template]]:
    """All templates with their syntax trees, parsed once for all tests of this file."""
    paths = [path for path in sorted(TEMPLATES.rglob("*")) if path.is_file() and path.suffix != ".md"]
    return [(str(path.relative_to(TEMPLATES)), app.jinja_env.parse(path.read_text())) for path in paths]


def _taken(tree: nodes.Template) -> Iterator[str]:
    """The templates that one imports, includes or extends, which it names by constants."""
    for node in tree.find_all(_TAKING):
        named = node.template  # type: ignore[attr-defined]
        yield from ([each.value for each in named.items] if isinstance(named, nodes.List) else [named.value])


def test_no_template_takes_anything_from_a_package_above_its_own(application: Flask) -> None:
    upward = [
        f"{name} takes {taken}"
        for name, tree in _parsed(application)
        for taken in _taken(tree)
        if not may_use(package(name), package(taken))
    ]
    assert upward == [], "declare a slot, or move what both need down"


def _filters(tree: nodes.Template) -> Iterator[str]:
    """The filters that one uses, by themselves or as `map("name")`."""
    for node in tree.find_all(nodes.Filter):
        yield node.name
        if node.name == "map" and node.args and isinstance(node.args[0], nodes.Const):
            yield node.args[0].value


def test_no_template_uses_a_filter_of_a_package_above_its_own(application: Flask) -> None:
    filters, upward = application.jinja_env.filters, []
    for name, tree in _parsed(application):
        for used in _filters(tree):
            owner = module_package(getattr(filters[used], "__module__", None))
            if owner and not may_use(package(name), owner):
                upward.append(f"{name} uses {used} of {owner}")
    assert upward == [], "declare a slot, or move the filter down"


def test_what_every_template_may_call_is_of_core_and_takes_no_session(application: Flask) -> None:
    env = application.jinja_env
    ours = {
        name: each
        for name, each in {**env.globals, **env.filters, **env.tests}.items()
        if module_package(getattr(each, "__module__", None))
    }
    functions = {name: each for name, each in ours.items() if inspect.isfunction(each)}
    asking = [
        name
        for name, each in functions.items()
        if "db" in each.__code__.co_names or "Session" in str(inspect.signature(each))
    ]
    above = [name for name in env.globals if name in ours and module_package(ours[name].__module__) != "core"]
    assert (asking, above) == ([], [])


def test_every_slot_is_shown_by_its_own_package_under_a_name_of_its_own(application: Flask) -> None:
    declared = {slot.name: module_package(slot.__module__) for slot in Slot.__subclasses__()}
    assert len(declared) == len(Slot.__subclasses__())
    shown = {
        (node.args[0].value, package(name))
        for name, tree in _parsed(application)
        for node in tree.find_all(nodes.Call)
        if isinstance(node.node, nodes.Name | nodes.Getattr) and _called(node.node) == "slot"
        if isinstance(node.args[0], nodes.Const)
    }
    by_filter = {("redaction.reason", "submissions")}  # shown by the filter `redacted`
    assert shown | by_filter == set(declared.items())


def _called(node: nodes.Name | nodes.Getattr) -> str:
    return node.name if isinstance(node, nodes.Name) else node.attr


def test_every_filling_is_of_a_package_above_its_slot_and_has_a_template_that_shows_it(application: Flask) -> None:
    wrong = []
    for filling in slots.list_fillings(application):
        of, above = module_package(filling.slot.__module__), module_package(filling.query.__module__)
        assert of is not None
        assert above is not None
        tree = application.jinja_env.parse((TEMPLATES / filling.template).read_text())
        if of == above or not may_use(above, of):
            wrong.append(f"{above} fills {filling.slot.name} of {of}")
        if package(filling.template) != above or not any(macro.name == "show" for macro in tree.find_all(nodes.Macro)):
            wrong.append(f"{filling.template} is not of {above}, or has no macro show")
    assert wrong == []
    assert {filling.slot for filling in slots.list_fillings(application)} == set(Slot.__subclasses__())


def test_a_slot_that_no_view_has_collected_is_an_error(app: Flask, session: Session) -> None:
    with pytest.raises(KeyError):
        slots.collect(session)("provision.aside")


def test_what_fillings_found_is_there_as_data_for_an_export(app: Flask, session: Session) -> None:
    collected = slots.collect(session, ArgumentOutcomes([]), RedactionReasons.of([[{"reason": "hate"}], None]))
    assert collected.found(ArgumentOutcomes) == [{}]
    assert [names.name("hate") for names in collected.found(RedactionReasons)] == ["Hate or threats"]  # type: ignore[attr-defined]


_LINK = re.compile(r'href="(/[^"#]*)')
_STARTS = ("/", "/desk", "/review", "/my", "/review/log", "/review/reasons", "/log", "/moderation")
_EACH = 3
"""How many addresses of one endpoint are visited."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Yield the number of statements sent while a template of a page or e-mail is rendered, by template."""
    rendering: list[str] = []
    found: Counter[str] = Counter()
    usual = Template.render

    def render(self: Template, *given: Any, **named: Any) -> str:
        rendering.append(str(self.name))
        try:
            return usual(self, *given, **named)
        finally:
            rendering.pop()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if rendering:
            found[f"{rendering[-1]}: {statement[:60]}"] += 1

    monkeypatch.setattr(Template, "render", render)
    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def _endpoint(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(path).path, method="GET")[0])
    except (HTTPException, RequestRedirect):
        return "static"


def _visit(app: Flask, client: FlaskClient) -> Counter[str]:
    """Follows links from the first pages; gives how many pages of each endpoint were read."""
    waiting, met, read = deque(_STARTS), set(_STARTS), Counter[str]()
    while waiting:
        path = waiting.popleft()
        endpoint = _endpoint(app, path)
        if endpoint in ("static", "site.leave") or "lang=" in path or read[endpoint] == _EACH:
            continue
        answer = client.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        read[endpoint] += 1
        fresh = [unescape(link) for link in _LINK.findall(answer.text)]
        waiting.extend(link for link in dict.fromkeys(fresh) if link not in met)
        met.update(fresh)
    return read


def _give_a_reason_of_ones_own(session: Session) -> None:
    """Decisions and hidden words with a reason that an administrator added, whose name is in the database."""
    code = reasons.add(session, name="Ours & only ours", meaning="It is ours.").code
    session.execute(update(Decision).where(Decision.reason.is_not(None)).values(reason=code))
    for row in session.scalars(select(Comment).where(Comment.redacted_body.is_not(None))):
        row.redactions = [{**block, "reason": code} for block in row.redactions or ()]
    session.commit()


def test_no_template_sends_a_statement_to_the_database(
    app: Flask, session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], asked: Counter[str]
) -> None:
    """A page's view decides on its statements, and an export that asks what the view asks misses nothing."""
    load_sample(session)
    _give_a_reason_of_ones_own(session)
    opened = select(Consultation.slug).where(Consultation.phase == Phase.OPEN).order_by(Consultation.id)
    slug = session.scalars(opened).first()
    words = "Raise the target to 80 per cent, for sixty leaves two in five without sterile equipment and treatment."
    client.post(f"/c/{slug}/respond/comment/whole", data={"stance": "drop", "body": words})
    client.post(f"/c/{slug}/respond/about", data={"speaks": "none", "language": "en"})
    read = _visit(app, client)
    assert client.get(f"/c/{slug}/respond/check").status_code == 200
    people = [session.scalars(select(Account).where(Account.role == role)).first() for role in Role]
    for person in people:
        read += _visit(app, sign_in(person))
    assert {"submissions.place", "arguments.one", "arguments.overview", "digests.heard", "digests.desk"} <= set(read)
    assert {"submissions.mine", "moderation.item", "moderation.decisions", "trace.public", "trace.story"} <= set(read)
    assert asked == {}
