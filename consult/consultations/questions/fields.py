"""Form fields of questions: `answer_<id>`, and `other_<id>` for “something else”."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field

from consult.consultations.model import Question, QuestionKind
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions.answers import OTHER_KEY, GivenAnswer
from consult.core.i18n import _
from consult.core.text import isolate_direction, read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    CheckboxGroupField,
    Form,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
)
from consult.core.web.widgets import element


class ScaleWidget(widgets.ChipGroup):
    """The steps of a scale in a row."""

    def kind(self, choice: Any) -> str:
        return "bare-chip"


class RankingWidget(widgets.Widget):
    """A list of positions for each item to rank. The first has the field's ID."""

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


class RankingField(Field):
    """A ranking: the keys of items with a position, first to last."""

    widget = RankingWidget()

    def __init__(self, label: Any = None, validators: Any = None, *, things: Mapping[str, Any], **kwargs: Any) -> None:
        self.things = dict(things)
        super().__init__(label, validators, **kwargs)

    def rows(self) -> Iterable[tuple[str, Any, str]]:
        """Return key, label and position of each item, as submitted or stored."""
        placed = {key: str(n) for n, key in enumerate(self.data or (), start=1)}
        typed = dict(zip(self.things, map(str, self.raw_data or ()), strict=False)) if self.raw_data else placed
        return [(key, label, typed.get(key, "")) for key, label in self.things.items()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        taken: dict[int, str] = {}
        for key, value in zip(self.things, valuelist, strict=False):
            place = read_number(value)
            if place is None:
                continue
            if place in taken:
                raise ValueError(_("Two items have rank %(n)s. Give each item a different rank.", n=value))
            taken[place] = key
        self.data = [taken[place] for place in sorted(taken)]


def build_fields(question: Question, given: GivenAnswer, lang: str) -> dict[str, Any]:
    """Return the unbound fields of one question, filled with a response. `lang` is the language of the question."""
    named = questions_answers.option_labels(question).items()
    things: dict[str, Any] = {key: element("span", label, lang=lang, dir="auto") for key, label in named}
    things |= {OTHER_KEY: _("Something else")} if question.other else {}
    about: dict[str, Any] = {"description": isolate_direction(question.hint)}
    made: dict[str, Any] = {}
    free = [] if question.required else [optional()]
    if question.kind is QuestionKind.TEXT:
        own: Any = LongTextField(question.wording, free, most=4000, default=given.words, **about)
    elif question.kind is QuestionKind.RANK:
        own = RankingField(question.wording, things=things, default=list(given.chosen), **about)
    elif question.kind is QuestionKind.MANY:
        choices = [SelectChoice(*row) for row in things.items()]
        own = CheckboxGroupField(question.wording, choices=choices, default=list(given.chosen), **about)
    else:
        rows = things if question.required else things | {"": _("No response")}
        choices = [SelectChoice(*row) for row in rows.items()]
        look = ScaleWidget() if question.kind is QuestionKind.SCALE else widgets.RadioGroup()
        own = RadioGroupField(question.wording, choices=choices, default="".join(given.chosen), widget=look, **about)
    made[f"answer_{question.id}"] = own
    if question.other:
        most = questions_answers.LONGEST_OTHER
        made[f"other_{question.id}"] = LineField(_("Something else (say what)"), most=most, default=given.words)
    return made


def read_answer(form: Form, question: Question) -> GivenAnswer:
    """Return the submitted response, not validated yet."""
    data, other = form[f"answer_{question.id}"].data, f"other_{question.id}"
    if question.kind is QuestionKind.TEXT:
        return GivenAnswer(words=data or "")
    chosen: Sequence[str] = [data] if isinstance(data, str) and data else data or ()
    return GivenAnswer(tuple(chosen), form[other].data or "" if question.other else "")
