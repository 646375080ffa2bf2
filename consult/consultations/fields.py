"""Questions as form fields: `answer_<id>`, and `other_<id>` for what somebody chooses instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field

from consult.consultations import answering
from consult.consultations.answering import OTHER, Given
from consult.consultations.model import Question, QuestionKind
from consult.core import widgets
from consult.core.forms import Choice, Form, Line, LongText, SelectChoice, Several, optional
from consult.core.i18n import _
from consult.core.text import isolated
from consult.core.widgets import element


class Steps(widgets.Chips):
    """The steps of a scale, in a row."""

    def kind(self, choice: Any) -> str:
        return "bare-chip"


class Places(widgets.Widget):
    """For each thing to rank a list of places; the first bears the field's id."""

    frame = "group"

    def __call__(self, field: Any, **given: Any) -> Markup:
        rows = []
        for number, (key, label, place) in enumerate(field.rows()):
            own = field.id if number == 0 else f"{field.id}-{number}"
            options = [element("option", _("Not ranked"), value="", selected=not place)] + [
                element("option", str(n), value=str(n), selected=place == str(n))
                for n in range(1, len(field.things) + 1)
            ]
            box = element("select", Markup("").join(options), id=own, name=field.name, class_="input", **given)
            said = element("label", label, for_=own, data_key=key)
            rows.append(element("div", box + said, class_="row"))
        return element("div", Markup("").join(rows), class_="ranks")


class Ranking(Field):
    """Things put in order: the keys of those that have a place, first to last."""

    widget = Places()

    def __init__(self, label: Any = None, validators: Any = None, *, things: Mapping[str, Any], **kwargs: Any) -> None:
        self.things = dict(things)
        super().__init__(label, validators, **kwargs)

    def rows(self) -> Iterable[tuple[str, Any, str]]:
        """Key, name and place of each thing, as it was typed or as it is."""
        placed = {key: str(n) for n, key in enumerate(self.data or (), start=1)}
        typed = dict(zip(self.things, map(str, self.raw_data or ()), strict=False)) if self.raw_data else placed
        return [(key, label, typed.get(key, "")) for key, label in self.things.items()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        taken: dict[int, str] = {}
        for key, value in zip(self.things, valuelist, strict=False):
            if not str(value).isdecimal():
                continue
            if int(value) in taken:
                raise ValueError(_("Two of these have place %(n)s. Give each a place of its own.", n=value))
            taken[int(value)] = key
        self.data = [taken[place] for place in sorted(taken)]


def fields(question: Question, given: Given, lang: str) -> dict[str, Any]:
    """The unbound fields of one question, filled with an answer. `lang` is the language that it is asked in."""
    named = answering.labels(question).items()
    things: dict[str, Any] = {key: element("span", label, lang=lang, dir="auto") for key, label in named}
    things |= {OTHER: _("Something else")} if question.other else {}
    about: dict[str, Any] = {"description": isolated(question.hint)}
    made: dict[str, Any] = {}
    free = [] if question.required else [optional()]
    if question.kind is QuestionKind.TEXT:
        own: Any = LongText(question.wording, free, most=4000, default=given.words, **about)
    elif question.kind is QuestionKind.RANK:
        own = Ranking(question.wording, things=things, default=list(given.chosen), **about)
    elif question.kind is QuestionKind.MANY:
        choices = [SelectChoice(*row) for row in things.items()]
        own = Several(question.wording, choices=choices, default=list(given.chosen), **about)
    else:
        rows = things if question.required else things | {"": _("No answer")}
        choices = [SelectChoice(*row) for row in rows.items()]
        look = Steps() if question.kind is QuestionKind.SCALE else widgets.Radios()
        own = Choice(question.wording, choices=choices, default="".join(given.chosen), widget=look, **about)
    made[f"answer_{question.id}"] = own
    if question.other:
        most = answering.LONGEST_OTHER
        made[f"other_{question.id}"] = Line(_("If something else: what is it?"), most=most, default=given.words)
    return made


def read(form: Form, question: Question) -> Given:
    """The answer as it was typed, not yet checked."""
    data, other = form[f"answer_{question.id}"].data, f"other_{question.id}"
    if question.kind is QuestionKind.TEXT:
        return Given(words=data or "")
    chosen: Sequence[str] = [data] if isinstance(data, str) and data else data or ()
    return Given(tuple(chosen), form[other].data or "" if question.other else "")
