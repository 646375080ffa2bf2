"""Forms of case studies: the text, its topics, the filters of the list, and what is said about one."""

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
    PartKind.PROBLEM: N_("Who lacked what, and how you know."),
    PartKind.DONE: N_("In the order in which it was done, so that others can do it."),
    PartKind.WHOM: N_("How many, who they are, and who was not reached."),
    PartKind.CHANGED: N_("What was counted before and after, also what did not change."),
    PartKind.WRONG: N_("What failed, cost more, or harmed. This is what others learn most from."),
    PartKind.COST: N_("Money, people, time, in your currency and year."),
    PartKind.NEEDS: N_("Laws, trust, staff, a place: without what it would not have worked."),
}


@lru_cache(maxsize=8)
def _countries(code: str) -> list[SelectChoice]:
    return [SelectChoice("", _("Choose")), *(SelectChoice(*it) for it in list_countries(code))]


def _check_year(_form: Any, field: Any) -> None:
    number = read_number(field.data or "")
    if field.data and (number is None or not 1900 <= number <= 2100):
        raise ValidationError(_("Enter a year, such as 2024"))


class CaseStudyForm(Form):
    """The text of a case study, in seven headings; it is kept also while it is not complete."""

    revision = HiddenField()
    asked = HiddenField()
    title = LineField(
        N_("Title"),
        most=150,
        description=N_("What, where, when: “Evening hours for syringe exchange, Mombasa, 2024–25”."),
    )
    country = DropdownField(N_("Country"), default="")
    region = LineField(N_("Region or town"), [optional()], most=100)
    began = LineField(N_("From which year"), [_check_year], most=4, widget=widgets.TextInput(inputmode="numeric"))
    ended = LineField(
        N_("To which year"),
        [optional(), _check_year],
        most=4,
        widget=widgets.TextInput(inputmode="numeric"),
        description=N_("Leave it empty if it goes on."),
    )
    setting = LineField(N_("Setting"), [optional()], most=150, description=N_("Clinic, street, prison, village."))
    run_by = LineField(N_("Who ran it?"), most=200)
    paid_by = LineField(N_("Who paid for it?"), most=200)
    authors = LongTextField(
        N_("Who wrote this with you?"),
        [optional()],
        most=1000,
        description=N_("One name a line. Your own name is shown too."),
    )
    organisation = DropdownField(N_("In whose name?"), default="")
    language = DropdownField(N_("Language of the text"))
    summary = LongTextField(N_("In a few sentences"), most=MAX_SUMMARY)
    told = RadioGroupField(N_("How did it go?"), choices=[SelectChoice(*it) for it in DIRECTIONS.items()])

    def __init__(self, organisations: Sequence[tuple[int, str]], **given: Any) -> None:
        super().__init__(**given)
        self.country.choices = _countries(current_language())
        self.language.choices = [
            SelectChoice("", _("Choose")),
            *(SelectChoice(*it) for it in CONTENT_LANGUAGES.items()),
        ]
        self["citation_0"].flags.optional = False
        mine = [SelectChoice(str(number), name) for number, name in organisations]
        self.organisation.choices = [SelectChoice("", _("My own")), *mine]

    @property
    def parts(self) -> list[Any]:
        return [self[kind.value] for kind in PartKind]

    @property
    def sources(self) -> list[tuple[Any, Any, Any, Any]]:
        names = ("design", "citation", "n", "independent")
        return [tuple(self[f"{name}_{at}"] for name in names) for at in range(MAX_SOURCES)]

    def content(self, before: StudyContent) -> StudyContent:
        """What is typed; topics and files stay as they were."""
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
            description=N_("Author, title, year, and a DOI or address if it has one."),
        ),
    )
    setattr(
        CaseStudyForm,
        f"design_{_at}",
        DropdownField(N_("How was it found out?"), choices=_choices, default="testimony"),
    )
    setattr(CaseStudyForm, f"n_{_at}", LineField(N_("How many people"), [optional(), _check_number], most=9))
    setattr(CaseStudyForm, f"independent_{_at}", BooleanField(N_("Made by somebody who neither ran nor paid for it")))


def fill_form(content: StudyContent, organisations: Sequence[tuple[int, str]], **more: Any) -> CaseStudyForm:
    """The form with what was typed before."""
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
        said = {"citation": source.citation, "design": source.design.value, "n": str(source.n or "")}
        known |= {f"{name}_{at}": value for name, value in said.items()} | {f"independent_{at}": source.independent}
    form = CaseStudyForm(organisations, data=known | more)
    form["citation_0"].flags.optional = any(source.file_id for source in content.sources)
    return form


class CaseStudyButtonForm(Form):
    """A button only."""


class WithdrawalForm(Form):
    reason = LongTextField(N_("Why?"), [required(N_("Say why"))], most=1000)


class CaseStudyDecisionForm(Form):
    reason = LongTextField(
        N_("What has to be changed?"),
        [optional()],
        most=1000,
        description=N_("Only to return it. The author reads this."),
    )


class CaseStudyAppealForm(Form):
    words = LongTextField(
        N_("Why should somebody else decide otherwise?"),
        [required(N_("Say why somebody else should decide otherwise"))],
        most=2000,
        description=N_("A moderator who did not decide on it reads this and answers once."),
    )


class CaseStudyAppealAnswerForm(Form):
    reasons = LongTextField(N_("Reasons, for the author"), [required(N_("Say why: the author is told it."))], most=1000)


class AppraisalAnswerForm(Form):
    answer = LongTextField(
        N_("Your answer to the appraisals"),
        [required(N_("Write your answer"))],
        most=6000,
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        said = _(
            "At most %(most)s words. It stands beside the appraisals, which stay as they are.", most=MAX_ANSWER_WORDS
        )
        self.answer.description = said


class CaseStudyUseForm(Form):
    country = DropdownField(N_("Country"), [required(N_("Choose the country"))])
    organisation = LineField(N_("Who used it?"), [required(N_("Say who used it"))], most=150)
    happened = LongTextField(N_("What happened there?"), [required(N_("Say what happened there"))], most=1500)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.country.choices = _countries(current_language())


class CitePlaceForm(Form):
    place = DropdownField(N_("On which place of the draft?"))

    def __init__(self, places: Sequence[tuple[str, str]], **given: Any) -> None:
        super().__init__(**given)
        self.place.choices = [SelectChoice(*it) for it in places]


def _pick(label: Any) -> DropdownField:
    return DropdownField(label, default="", validate_choice=False)


class CaseStudyFilterForm(Form):
    """The filters of the list. Reading changes nothing, so the form has no token."""

    class Meta:
        csrf = False

    q = LineField(N_("Words to look for"), widget=widgets.TextInput(type="search"))
    topic = _pick(N_("Topic"))
    country = _pick(N_("Country"))
    outcome = _pick(N_("How it went"))
    certainty = _pick(N_("How sure"))

    def __init__(self, topics: dict[str, StudyTopic], countries: Sequence[str], *given: Any) -> None:
        super().__init__(*given)
        self._topics, code = topics, current_language()
        names = {one: name for one, name in list_countries(code) if one in countries}
        self.topic.choices = _any(_("Any topic"), {key: it.term.label(code) for key, it in topics.items()})
        self.country.choices = _any(_("Any country"), names)
        self.outcome.choices = _any(_("However it went"), DIRECTIONS)
        steps = {str(int(step)): name for step, name in CERTAINTIES.items()}
        self.certainty.choices = _any(_("However sure"), {**steps, "0": N_("no independent appraisal")})

    @property
    def asked(self) -> dict[str, str]:
        """What is asked, for the addresses of further pages and of files; what is not offered asks nothing."""
        found = {name: field.data for name, field in self._fields.items() if field.data and not field.errors}
        return {
            name: value
            for name, value in found.items()
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
