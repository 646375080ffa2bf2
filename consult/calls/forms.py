"""Forms of calls: to set one up, and the boxes on its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consult.analysis.campaigns.queries import CampaignOverview
from consult.calls.model import MAX_PLACES, MAX_PROMPTS, MAX_WHY_LENGTH, CommentCall
from consult.calls.queries import CalledPlace
from consult.consultations.model import Consultation
from consult.core.i18n import LANGUAGES, N_, _
from consult.core.text import clean_text, excerpt
from consult.core.web import widgets
from consult.core.web.forms import (
    DatePartsField,
    DropdownField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    SelectChoice,
    required,
)
from consult.core.web.tokens import CookielessForm
from consult.submissions.anchors.provisions import ProvisionTree
from consult.submissions.model import Stance
from consult.submissions.values import MAX_COMMENT_LENGTH


class NewCallForm(Form):
    consultation = DropdownField(N_("On which consultation?"), [required(N_("Choose a consultation"))])
    address = LineField(
        N_("Short address"),
        [required(N_("Choose an address"))],
        most=40,
        description=N_("Small letters, digits and dashes, short enough to be said aloud: it stands after /call/."),
        widget=widgets.TextInput(dir="ltr", spellcheck="false", autocapitalize="none"),
    )
    language = DropdownField(N_("Language of the call"), choices=[SelectChoice(*it) for it in LANGUAGES.items()])

    def __init__(self, rows: Sequence[Consultation], **defaults: Any) -> None:
        super().__init__(**defaults)
        self.consultation.choices = [SelectChoice(row.slug, row.title) for row in rows]


class CallButtonForm(Form):
    """A button only."""


class CallForm(Form):
    """What a call says in one language; places `place_0` … with their prompts, one a line."""

    revision = HiddenField()
    why = LongTextField(
        N_("Why do you ask?"),
        [required(N_("Say why you ask"))],
        most=MAX_WHY_LENGTH,
        description=N_("What the draft would change for people, in a few plain sentences. It is not a text to copy."),
    )
    ends = DatePartsField(
        N_("Last day of the call"), description=N_("Leave it empty for the day on which the consultation closes.")
    )
    letter = DropdownField(
        N_("Does a letter go with it?"),
        default="",
        description=N_(
            "A letter that you declared. Moderators then see that its copies and this call belong together."
        ),
    )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Each place with its prompts."""
        return [(self[f"place_{n}"], self[f"prompts_{n}"]) for n in range(MAX_PLACES)]

    @property
    def asked(self) -> dict[str, list[str]]:
        """The prompts by place, of the places that were chosen."""
        return {place.data: (prompts.data or "").splitlines() for place, prompts in self.rows if place.data}


for _n in range(MAX_PLACES):
    setattr(CallForm, f"place_{_n}", DropdownField(N_("Place in the draft"), default=""))
    setattr(
        CallForm,
        f"prompts_{_n}",
        LongTextField(
            N_("What could people say there?"),
            most=600,
        ),
    )


def build_call_form(
    row: CommentCall, tree: ProvisionTree, language: str, letters: Sequence[CampaignOverview]
) -> CallForm:
    """The form of a call's text in a language, filled in with what it says; its places are those of all languages.

    `letters`: those that may be tied to it.
    """
    said: Mapping[str, Any] = row.texts.get(language, {})
    known: dict[str, Any] = {"why": said.get("why", ""), "revision": str(row.revision)}
    known["letter"] = str(row.campaign_id or "")
    for n, wid in enumerate(row.places[:MAX_PLACES]):
        known |= {f"place_{n}": wid, f"prompts_{n}": "\n".join(said.get("prompts", {}).get(wid, ()))}
    form = CallForm(data=known)
    listed = [
        SelectChoice(node.wid, f"{node.label} {excerpt(node.heading or node.text, 70)}".strip())
        for node in tree.by_id.values()
    ]
    offered = [SelectChoice(str(letter.id), excerpt(letter.title, 70)) for letter in letters]
    form.letter.choices = [SelectChoice("", _("No letter")), *offered]
    for place, prompts in form.rows:
        place.choices = [SelectChoice("", _("None")), *listed]
        hint = _("One question a line, %(most)s at most: “How far is the nearest service?”", most=MAX_PROMPTS)
        prompts.description = hint
    return form


class CallAnswerForm(CookielessForm):
    """The token of the boxes on a call's page: the one that the form without a trace takes, so both can be sent."""

    name_of_form = "traceless"


class CommentBox:
    """What was typed at one place: the words, and which kind of comment they are said to be."""

    def __init__(self, place: CalledPlace, given: Mapping[str, str], n: int) -> None:
        self.place = place
        self.body = clean_text(given.get(f"body_{n}", ""))
        said = given.get(f"stance_{n}", "")
        self.stance = Stance(said) if said in set(Stance) else None
        self.error = ""
        if len(self.body) > MAX_COMMENT_LENGTH:
            self.error = _("Shorten each comment to %(most)s characters or fewer.", most=MAX_COMMENT_LENGTH)
        elif self.body and self.stance is None:
            self.error = _("Choose what kind of comment this is")


def read_boxes(places: Sequence[CalledPlace], given: Mapping[str, str]) -> list[CommentBox]:
    """The boxes as they were sent; empty where nothing was. What is typed is never filled in by the call."""
    return [CommentBox(place, given, n) for n, place in enumerate(places)]
