"""Administrator's forms for the site's texts, look and retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from wtforms.validators import Optional

from consult.core.i18n import LANGUAGES, N_, _
from consult.core.text import read_number
from consult.core.web.forms import (
    BooleanField,
    CheckboxGroupField,
    DatePartsField,
    EmailField,
    FileField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
)
from consult.core.web.systems import System
from consult.operator.fields import LOOK, TEXTS, FieldKind, SiteField, StartItem
from consult.operator.retention import RULES


class MayWait(Optional):
    """A validator that allows an empty value for now, so that the form can be saved in parts.

    The label is not marked as optional.
    """

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, Any] = {}


class SiteButtonForm(Form):
    """A form with only a button."""


class SiteTextForm(Form):
    """A selection of fields, with one input for each language of `spoken` ones: `controller`, `terms_fr`."""

    places: Mapping[str, tuple[str, str]] = {}

    def values(self) -> dict[tuple[str, str], str]:
        """Return the entered values by key and language. Fields missing from the request are left out."""
        texts = {}
        for name, place in self.places.items():
            if name in self:
                data = self[name].data
                texts[place] = data.isoformat() if isinstance(data, date) else (data or "")
        return texts


class SiteLookForm(SiteTextForm):
    """Name, contact, colour and logo of the site."""

    logo = FileField(
        N_("Logo"),
        [optional()],
        description=N_("PNG, JPEG, WebP or GIF, shown 36 pixels high. We keep only the pixels and remove hidden data."),
    )
    no_logo = BooleanField(N_("Remove the current logo"))


def fill_form(kind: type[SiteTextForm], values: Mapping[tuple[str, str], str]) -> SiteTextForm:
    """Return a form filled with the current values."""
    data: dict[str, Any] = {name: values.get(place, "") for name, place in kind.places.items()}
    for name in data:
        if issubclass(getattr(kind, name).field_class, DatePartsField):
            data[name] = date.fromisoformat(data[name]) if data[name] else None
    return kind(data=data)


@lru_cache(maxsize=64)
def item_form(item: StartItem) -> type[SiteTextForm]:
    """Return the form of a checklist item."""
    return _make(SiteTextForm, item.fields)


@lru_cache(maxsize=1)
def look_form() -> type[SiteTextForm]:
    return _make(SiteLookForm, LOOK)


@lru_cache(maxsize=8)
def text_form(key: str) -> type[SiteTextForm]:
    """Return the form of one text. Raises StopIteration for an unknown key."""
    return _make(SiteTextForm, [next(each for each in TEXTS if each.key == key)])


def _make(base: type[SiteTextForm], fields: Sequence[SiteField]) -> type[SiteTextForm]:
    members: dict[str, Any] = {}
    places: dict[str, tuple[str, str]] = {}
    for field in fields:
        for language in LANGUAGES if field.spoken else ("",):
            name = f"{field.key}_{language}" if language else field.key
            members[name], places[name] = _control(field, language), (field.key, language)
    return type(base.__name__, (base,), {**members, "places": places})


def _control(field: SiteField, language: str) -> Any:
    label: Any = LANGUAGES[language] if language else field.label
    given: dict[str, Any] = {"description": "" if language else field.hint}
    checks = [MayWait() if field.needed or language else optional()]
    if field.kind is FieldKind.CHOICE:
        return RadioGroupField(label, checks, choices=[SelectChoice(*pair) for pair in field.choices], **given)
    if field.kind is FieldKind.DAY:
        return DatePartsField(label, **given)
    if field.kind is FieldKind.EMAIL:
        return EmailField(label, checks, **given)
    kind = LongTextField if field.kind is FieldKind.WORDS else LineField
    return kind(label, checks, most=field.most, **given)


class SystemsForm(Form):
    """The systems that this site uses."""

    systems = CheckboxGroupField(N_("Systems that this site uses"), [optional()])

    def __init__(self, systems: Sequence[System], used: Sequence[str]) -> None:
        super().__init__(data={"systems": list(used)})
        self.systems.choices = [SelectChoice(each.package, _(each.label), {"hint": _(each.hint)}) for each in systems]


class RetentionForm(Form):
    """A number of days for each retention rule. `sure` holds all periods as last shown for confirmation."""

    sure = HiddenField()

    def days(self) -> dict[str, int]:
        return {key: read_number(self[key].data) or 0 for key in RULES}

    def confirms(self) -> bool:
        """Return whether these periods were shown for confirmation, and store them for the next request."""
        wanted = " ".join(f"{key}={number}" for key, number in self.days().items())
        before, self.sure.data = self.sure.data, wanted
        return bool(before == wanted)


def retention_form(days: Mapping[str, int]) -> RetentionForm:
    """Return the form with the current periods. Its fields are those of the registered rules."""
    members = {
        key: LineField(
            rule.label,
            most=4,
            description=_(
                "%(what)s From %(least)s to %(most)s days.",
                what=str(rule.explanation),
                least=rule.least,
                most=rule.most,
            ),
        )
        for key, rule in RULES.items()
    }
    kind: type[RetentionForm] = type("RetentionForm", (RetentionForm,), members)
    return kind(data={key: str(number) for key, number in days.items()})
