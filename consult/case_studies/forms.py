"""Forms of case studies: text, topics, list filters, answers and reports of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from consult.accounts.countries import list_countries
from consult.case_studies.content import PARTS, StudyContent, StudySource
from consult.case_studies.labels import CERTAINTIES, DESIGNS, DIRECTIONS
from consult.case_studies.model import (
    MAX_ANSWER_WORDS,
    MAX_PART,
    MAX_SOURCES,
    MAX_SUMMARY,
    Direction,
    PartKind,
    SourceDesign,
)
from consult.case_studies.queries import StudyFilter, StudyTopic
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.text import read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    BooleanField,
    DropdownField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    ValidationError,
    optional,
    required,
)

_HINTS = {
    PartKind.PROBLEM: N_("The people affected, what they lacked, and how you know."),
    PartKind.DONE: N_("The steps in order, so that others can repeat them."),
    PartKind.WHOM: N_("How many, who they are, and who was not reached."),
    PartKind.CHANGED: N_("What you counted before and after, including what did not change."),
    PartKind.WRONG: N_("What failed, cost more or did harm. Others learn most from this."),
    PartKind.COST: N_("Money, staff and time, with the currency and the year."),
    PartKind.NEEDS: N_("Laws, trust, staff or premises that were essential."),
}


@lru_cache(maxsize=8)
def _countries(code: str) -> list[SelectChoice]:
    return [SelectChoice("", _("Choose")), *(SelectChoice(*it) for it in list_countries(code))]


def _check_year(_form: Any, field: Any) -> None:
    number = read_number(field.data or "")
    if field.data and (number is None or not 1900 <= number <= 2100):
        raise ValidationError(_("Enter a year, such as 2024"))


class CaseStudyForm(Form):
    """The text of a case study under seven headings. Incomplete texts can be saved."""

    revision = HiddenField()
    asked = HiddenField()
    title = LineField(
        N_("Title"),
        most=150,
        description=N_("What, where, when: “Evening hours for syringe exchange, Mombasa, 2024–25”."),
    )
    country = DropdownField(N_("Country"), default="")
    region = LineField(N_("Region or town"), [optional()], most=100)
    began = LineField(N_("Start year"), [_check_year], most=4, widget=widgets.TextInput(inputmode="numeric"))
    ended = LineField(
        N_("End year"),
        [optional(), _check_year],
        most=4,
        widget=widgets.TextInput(inputmode="numeric"),
        description=N_("Leave empty if the practice continues."),
    )
    setting = LineField(N_("Setting"), [optional()], most=150, description=N_("Clinic, street, prison, village."))
    run_by = LineField(N_("Who ran the practice?"), most=200)
    paid_by = LineField(N_("Who paid for the practice?"), most=200)
    authors = LongTextField(
        N_("Co-authors"),
        [optional()],
        most=1000,
        description=N_("One name per line. Your name is shown too."),
    )
    organisation = DropdownField(N_("On whose behalf?"), default="")
    language = DropdownField(N_("Language of the text"))
    summary = LongTextField(N_("Summary in a few sentences"), most=MAX_SUMMARY)
    told = RadioGroupField(N_("What was the result?"), choices=[SelectChoice(*it) for it in DIRECTIONS.items()])

    def __init__(self, organisations: Sequence[tuple[int, str]], **given: Any) -> None:
        super().__init__(**given)
        self.country.choices = _countries(current_language())
        self.language.choices = [
            SelectChoice("", _("Choose")),
            *(SelectChoice(*it) for it in CONTENT_LANGUAGES.items()),
        ]
        self["citation_0"].flags.optional = False
        own_choices = [SelectChoice(str(number), name) for number, name in organisations]
        self.organisation.choices = [SelectChoice("", _("Myself")), *own_choices]

    @property
    def parts(self) -> list[Any]:
        return [self[kind.value] for kind in PartKind]

    @property
    def sources(self) -> list[tuple[Any, Any, Any, Any]]:
        names = ("design", "citation", "n", "independent")
        return [tuple(self[f"{name}_{at}"] for name in names) for at in range(MAX_SOURCES)]

    def content(self, before: StudyContent) -> StudyContent:
        """Return the submitted content. Topics and files are taken from `before`."""
        files = [source.file_id for source in before.sources] + [None] * MAX_SOURCES
        sources = [
            StudySource(
                SourceDesign(design.data), citation.data or "", read_number(n.data or ""), bool(own.data), files[at]
            )
            for at, (design, citation, n, own) in enumerate(self.sources)
        ]
        lines: dict[str, Any] = {name: self[name].data or "" for name in _LINES}
        return replace(
            before,
            **lines,
            began=read_number(self.began.data or ""),
            ended=read_number(self.ended.data or ""),
            authors=(self.authors.data or "").splitlines(),
            told=Direction(self.told.data) if self.told.data else None,
            parts={kind: self[kind.value].data or "" for kind in PartKind},
            sources=sources,
        )


_LINES = ("title", "country", "region", "setting", "run_by", "paid_by", "summary", "language")


def _check_number(_form: Any, field: Any) -> None:
    if field.data and read_number(field.data) is None:
        raise ValidationError(_("Enter a whole number"))


for _kind in PartKind:
    setattr(CaseStudyForm, _kind.value, LongTextField(PARTS[_kind], most=MAX_PART, description=_HINTS[_kind]))
for _at in range(MAX_SOURCES):
    _choices = [SelectChoice(*it) for it in DESIGNS.items()]
    setattr(
        CaseStudyForm,
        f"citation_{_at}",
        LineField(
            N_("Source"),
            [optional()],
            most=500,
            description=N_("Author, title, year, and a DOI or web address if there is one."),
        ),
    )
    setattr(
        CaseStudyForm,
        f"design_{_at}",
        DropdownField(N_("How was this established?"), choices=_choices, default="testimony"),
    )
    setattr(CaseStudyForm, f"n_{_at}", LineField(N_("Number of people"), [optional(), _check_number], most=9))
    setattr(
        CaseStudyForm,
        f"independent_{_at}",
        BooleanField(N_("The author of the source did not run or pay for the practice")),
    )


def fill_form(content: StudyContent, organisations: Sequence[tuple[int, str]], **more: Any) -> CaseStudyForm:
    """Return the form filled with existing content."""
    known: dict[str, Any] = {name: getattr(content, name) for name in _LINES}
    known |= {
        "began": str(content.began or ""),
        "ended": str(content.ended or ""),
        "authors": "\n".join(content.authors),
    }
    known |= {
        "told": content.told.value if content.told else "",
        **{kind.value: body for kind, body in content.parts.items()},
    }
    for at, source in enumerate(content.sources):
        fields = {"citation": source.citation, "design": source.design.value, "n": str(source.n or "")}
        known |= {f"{name}_{at}": value for name, value in fields.items()} | {f"independent_{at}": source.independent}
    form = CaseStudyForm(organisations, data=known | more)
    form["citation_0"].flags.optional = any(source.file_id for source in content.sources)
    return form


class CaseStudyButtonForm(Form):
    """A form with a button only."""


class WithdrawalForm(Form):
    reason = LongTextField(N_("Why?"), [required(N_("Enter a reason"))], most=1000)


class AppraisalAnswerForm(Form):
    answer = LongTextField(
        N_("Your answer to the reviews"),
        [required(N_("Write your answer"))],
        most=6000,
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        text = _("At most %(most)s words. Shown with the reviews, which do not change.", most=MAX_ANSWER_WORDS)
        self.answer.description = text


class CaseStudyUseForm(Form):
    country = DropdownField(N_("Country"), [required(N_("Choose the country"))])
    organisation = LineField(N_("Who used the practice?"), [required(N_("Enter who used the practice"))], most=150)
    happened = LongTextField(N_("What happened there?"), [required(N_("Enter what happened there"))], most=1500)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.country.choices = _countries(current_language())


class CitePlaceForm(Form):
    place = DropdownField(N_("Which part of the draft?"))

    def __init__(self, places: Sequence[tuple[str, str]], **given: Any) -> None:
        super().__init__(**given)
        self.place.choices = [SelectChoice(*it) for it in places]


def _pick(label: Any) -> DropdownField:
    return DropdownField(label, default="", validate_choice=False)


class CaseStudyFilterForm(Form):
    """The filters of the list. It has no CSRF token because it changes nothing."""

    class Meta:
        csrf = False

    q = LineField(N_("Search words"), widget=widgets.TextInput(type="search"))
    topic = _pick(N_("Topic"))
    country = _pick(N_("Country"))
    outcome = _pick(N_("Result"))
    certainty = _pick(N_("Certainty"))

    def __init__(self, topics: dict[str, StudyTopic], countries: Sequence[str], *given: Any) -> None:
        super().__init__(*given)
        self._topics, code = topics, current_language()
        names = {country: name for country, name in list_countries(code) if country in countries}
        self.topic.choices = _any(_("Any topic"), {key: it.term.label(code) for key, it in topics.items()})
        self.country.choices = _any(_("Any country"), names)
        self.outcome.choices = _any(_("Any result"), DIRECTIONS)
        steps = {str(int(step)): name for step, name in CERTAINTIES.items()}
        self.certainty.choices = _any(_("Any certainty"), {**steps, "0": N_("no independent review")})

    @property
    def asked(self) -> dict[str, str]:
        """Return the valid filters, for the URLs of further pages and files."""
        filters = {name: field.data for name, field in self._fields.items() if field.data and not field.errors}
        return {
            name: value
            for name, value in filters.items()
            if name == "q" or value in {choice.value for choice in self._fields[name].choices}
        }

    def to_filter(self) -> StudyFilter:
        asked = self.asked
        topic = self._topics.get(asked.get("topic", ""))
        return StudyFilter(
            words=asked.get("q", ""),
            terms=tuple(sorted(topic.with_narrower)) if topic else (),
            country=asked.get("country", ""),
            outcome=Direction(asked["outcome"]) if "outcome" in asked else None,
            certainty=int(asked["certainty"]) if "certainty" in asked else None,
        )


def _any(label: Any, rows: Any) -> list[SelectChoice]:
    return [SelectChoice("", label), *(SelectChoice(str(value), name) for value, name in rows.items())]
