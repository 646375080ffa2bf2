"""The data a browser sends when a button is pressed: every field of the form in order, then the button."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import html5lib
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


def hidden(page: TestResponse, name: str) -> str:
    """The value of a page's first field with this name."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    return unescape(found[1]) if found else ""


def pressed(
    page: str, button: tuple[str, str] | None = None, *, having: str | None = None, **typed: str
) -> MultiDict[str, str]:
    """The data of the form that has the button with this name and value, after something was typed into it.

    Without a button, of the last form on the page that has the field `having` and one for everything typed.
    """
    needed = typed.keys() | ({having} if having else set())
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for form in reversed(list(tree.iter("form"))):
        own = [*form.iter(), *(one for one in tree.iter() if form.get("id") and one.get("form") == form.get("id"))]
        buttons = [(found.get("name"), found.get("value")) for found in own if found.tag == "button"]
        fields = _fields(own)
        if (button is None or button in buttons) and needed <= {field for field, _kept in fields}:
            data = MultiDict([(field, typed.get(field, kept)) for field, kept in fields])
            if button:
                data.add(*button)
            return data
    raise AssertionError(f"no form has a button {button} and fields {sorted(needed)}")


def _fields(own: Sequence[Any]) -> list[tuple[str, str]]:
    """Fields that would be sent, as they stand. Of radio buttons each name once: typing chooses."""
    found: dict[tuple[str, int], str] = {}
    for place, element in enumerate(own):
        name = element.get("name")
        if not name or element.tag == "button":
            continue
        if element.tag == "textarea":
            found[name, place] = (element.text or "").removeprefix("\n")
        elif element.tag == "select":
            chosen = [option for option in element.iter("option") if option.get("selected") is not None]
            option = (chosen or list(element.iter("option")))[0]
            found[name, place] = option.get("value", option.text or "")
        elif element.get("type") in {"radio", "checkbox"}:
            checked = element.get("checked") is not None
            found.setdefault((name, 0), "")
            found[name, 0] = element.get("value", "on") if checked else found[name, 0]
        else:
            found[name, place] = element.get("value", "")
    return [(name, kept) for (name, _place), kept in found.items()]
