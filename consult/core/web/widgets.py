"""Form controls in the kit's markup.

`templates/kit/form.html` adds label, hint and error to a control according to `frame`: "label" for one control under a
label, "group" for several under a legend, "self" for a control with its own label, "none" for none. `about` has the IDs
of hint and error for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.fields.choices import Choice

from consult.core.i18n import _, current_language


def element(tag: str, content: Any = None, **attributes: Any) -> Markup:
    """Return an HTML element, or a void one without content. Attributes that are None or False are left out.

    >>> element("input", id="a", value='"', aria_describedby=None, checked=True)
    Markup('<input checked id="a" value="&#34;">')
    """
    start = f"<{tag}{''.join(_attribute(name, attributes[name]) for name in sorted(attributes))}>"
    return Markup(start if content is None else f"{start}{escape(content)}</{tag}>")  # noqa: S704 - all was escaped


def _attribute(name: str, value: Any) -> str:
    """Return an attribute as WTForms writes it, but faster: `class_` for class, `aria_label` for aria-label."""
    if value is None or value is False:
        return ""
    name = name.rstrip("_")
    name = name.replace("_", "-") if name.startswith(("aria_", "data_")) else name
    return f" {name}" if value is True else f' {name}="{escape(value)}"'


class Widget:
    """The base of all controls. `style` adds classes; `attributes` are set on every control."""

    frame = "label"
    style = ""

    def __init__(self, style: str = "", **attributes: Any) -> None:
        self.style = style or self.style
        self.attributes = attributes

    def common(self, field: Field, about: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes of any control: its names, and the references to hint and error."""
        classes = ("input", self.style, given.pop("class", ""))
        return {
            "class": " ".join(part for part in classes if part),
            "id": field.id,
            "name": field.name,
            "aria-describedby": about or None,
            "aria-invalid": "true" if field.errors else None,
            **self.attributes,
            **given,
        }


class TextInput(Widget):
    """A text input. `type`, `autocomplete`, `inputmode` and others are given as attributes."""

    def __call__(self, field: Field, *, about: str = "", **given: Any) -> Markup:
        common = {"type": "text", "dir": "auto", **self.common(field, about, given)}
        return element("input", value=self.value(field), **common)

    def value(self, field: Field) -> str:
        return str(field._value() or "")


class PasswordInput(TextInput):
    """A password input, which never shows the submitted value. It is as wide as others, for passphrases."""

    def __init__(self, style: str = "", **attributes: Any) -> None:
        super().__init__(style, **{"type": "password", "dir": "ltr", "autocomplete": "current-password", **attributes})

    def value(self, field: Field) -> str:
        return ""


class TextArea(Widget):
    """A textarea. If the field has `most`, it shows the limit and JavaScript counts characters."""

    def __call__(self, field: Field, *, about: str = "", rows: int = 6, **given: Any) -> Markup:
        # Browsers drop the first line break in a textarea, so add one to keep the author's.
        text = Markup("\n") + escape(field._value() or "")
        most = getattr(field, "most", None)
        if not most:
            return element("textarea", text, rows=rows, dir="auto", **self.common(field, about, given))
        common = self.common(field, f"{about} {field.id}-count".strip(), given)
        area = element("textarea", text, rows=rows, dir="auto", data_count=most, **common)
        limit = _("Up to %(most)s characters", most=format_decimal(most, locale=current_language()))
        words = {"data_left": _("Characters left:"), "data_over": _("Characters too many:")}
        return area + element("p", limit, id=f"{field.id}-count", class_="count", **words)


class RadioGroup(Widget):
    """Radio buttons, one per line. A choice's `render_kw` may have a "hint" and a "key" that chooses it."""

    frame = "group"
    type = "radio"
    holder = "picks"
    each = "pick"

    def __call__(self, field: Any, **given: Any) -> Markup:
        rows = [self.one(field, number, choice, given) for number, choice in enumerate(field.iter_choices())]
        return element("div", Markup("").join(rows), class_=self.holder)

    def one(self, field: Field, number: int, choice: Choice, given: dict[str, Any]) -> Markup:
        """Return a radio button with its label. The first has the field's ID, so that the error summary links to it."""
        own = field.id if number == 0 else f"{field.id}-{number}"
        more = choice.render_kw or {}
        hint, key = more.get("hint"), more.get("key")
        links = {"aria_describedby": f"{own}-note" if hint else None, "checked": bool(choice.selected), **given}
        value = _value_text(choice.value)
        button = element("input", type=self.type, id=own, name=field.name, value=value, data_key=key, **links)
        note = element("p", hint, id=f"{own}-note", class_="hint") if hint else ""
        shown = Markup(" ") + element("kbd", key.upper(), aria_hidden="true") if key else ""
        row = button + element("label", escape(choice.label) + shown, for_=own) + note
        return element("div", row, class_=f"{self.each} {self.kind(choice)}".strip())

    def kind(self, choice: Choice) -> str:
        return ""


class ChipGroup(RadioGroup):
    """Radio buttons as short labels in a row, such as types of comments with their colours."""

    holder = "chips"
    each = "chip"

    def __init__(self, kinds: Mapping[Any, str] | None = None) -> None:
        """Store the classes by value (`kinds`), if they are not the values themselves."""
        super().__init__()
        self.kinds = kinds or {}

    def kind(self, choice: Choice) -> str:
        return str(self.kinds.get(choice.value, choice.value or "unsaid"))


class CheckboxGroup(RadioGroup):
    """Checkboxes, one per line."""

    type = "checkbox"


class Checkbox(Widget):
    """A checkbox with its label next to it."""

    frame = "self"

    def __call__(self, field: Field, *, caption: Any = "", hint: Any = None, about: str = "", **given: Any) -> Markup:
        common = {**self.common(field, about, given), "class": None}
        box = element("input", type="checkbox", value="y", checked=bool(field.data), **common)
        note = element("p", hint, id=f"{field.id}-hint", class_="hint") if hint else ""
        return element("div", box + element("label", caption or field.label.text, for_=field.id) + note, class_="pick")


class Select(Widget):
    """A dropdown list. Choices with an `optgroup` are shown under its name."""

    def __call__(self, field: Any, *, about: str = "", **given: Any) -> Markup:
        if field.has_groups():
            groups = (
                element("optgroup", _options(choices), label=name) if name else _options(choices)
                for name, choices in field.iter_groups()
            )
            content = Markup("").join(groups)
        else:
            content = _options(field.iter_choices())
        return element("select", content, **self.common(field, about, given))


class DateTimeParts(Widget):
    """Inputs for day, month, year and time.

    All have the field's name, so their values are sent as a list in this order. The field's `parts()` returns the
    strings to show.
    """

    frame = "group"
    boxes: tuple[str, ...] = ("day", "month", "year", "time")

    def __call__(self, field: Any, **given: Any) -> Markup:
        words = {"day": (_("Day"), 2), "month": (_("Month"), 2), "year": (_("Year"), 4), "time": (_("Time"), 5)}
        boxes = []
        for part, value in zip(self.boxes, field.parts(), strict=True):
            word, length = words[part]
            own = field.id if part == "day" else f"{field.id}-{part}"
            look = {"class_": "input tiny", "inputmode": None if part == "time" else "numeric", "maxlength": length}
            state = {"aria_invalid": "true" if field.errors else None, "autocomplete": "off", "dir": "ltr", **given}
            box = element("input", type="text", id=own, name=field.name, value=value, **look, **state)
            boxes.append(element("div", element("label", word, for_=own) + box))
        return element("div", Markup("").join(boxes), class_="parts")


class DateParts(DateTimeParts):
    """Inputs for day, month and year."""

    boxes = ("day", "month", "year")


class FileInput(Widget):
    style = "file"

    def __call__(self, field: Field, *, about: str = "", **given: Any) -> Markup:
        return element("input", type="file", **self.common(field, about, given))


class HiddenInput(Widget):
    """A hidden input without an ID, since nothing refers to it and a page may have several forms."""

    frame = "none"

    def __call__(self, field: Field, **given: Any) -> Markup:
        return element("input", type="hidden", name=field.name, value=str(field._value() or ""), **given)


def _options(choices: Iterable[Choice]) -> Markup:
    rows = [_option(str(row.label), _value_text(row.value), bool(row.selected)) for row in choices]
    return Markup("".join(rows))  # noqa: S704 - elements


@lru_cache(maxsize=4096)
def _option(label: str, value: str, selected: bool) -> Markup:
    """Return an option. Cached, since a list of countries has about 250."""
    named = {} if label else {"label": "–"}  # HTML requires a label for an option without text
    return element("option", label, value=value, selected=selected, **named)


def _value_text(value: Any) -> str:
    return "" if value is None else str(value)
