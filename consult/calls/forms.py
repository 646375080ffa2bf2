"""Forms of calls: the editing form, and the comment boxes on the public page."""

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
from consult.submissions import stances
from consult.submissions.anchors.provisions import ProvisionTree
from consult.submissions.model import Stance
from consult.submissions.values import MAX_COMMENT_LENGTH


class NewCallForm(Form):
    consultation = DropdownField(N_("Which consultation?"), [required(N_("Choose a consultation"))])
    address = LineField(
        N_("Short web address"),
        [required(N_("Enter a short web address"))],
        most=40,
        description=N_(
            "Lower-case letters, digits and hyphens, shown after /call/. Keep it short enough to say aloud."
        ),
        widget=widgets.TextInput(dir="ltr", spellcheck="false", autocapitalize="none"),
    )
    language = DropdownField(N_("Language of the call"), choices=[SelectChoice(*it) for it in LANGUAGES.items()])

    def __init__(self, rows: Sequence[Consultation], **defaults: Any) -> None:
        super().__init__(**defaults)
        self.consultation.choices = [SelectChoice(row.slug, row.title) for row in rows]


class CallButtonForm(Form):
    """A form with a button only."""


class CallForm(Form):
    """The text of a call in one language. Fields `place_0` and so on hold the prompts, one per line."""

    revision = HiddenField()
    why = LongTextField(
        N_("Why are you asking for comments?"),
        [required(N_("Say why you are asking for comments"))],
        most=MAX_WHY_LENGTH,
        description=N_(
            "What the draft would change for people, in a few plain sentences. Do not write a text to copy."
        ),
    )
    ends = DatePartsField(
        N_("Last day of the call"), description=N_("Leave empty to use the closing date of the consultation.")
    )
    letter = DropdownField(
        N_("Campaign letter for this call"),
        default="",
        description=N_("A campaign letter you declared. Moderators can then see that its copies belong to this call."),
    )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Return each part of the draft with its prompts."""
        return [(self[f"place_{n}"], self[f"prompts_{n}"]) for n in range(MAX_PLACES)]

    @property
    def asked(self) -> dict[str, list[str]]:
        """Return the prompts of the chosen parts of the draft."""
        return {place.data: (prompts.data or "").splitlines() for place, prompts in self.rows if place.data}


for _n in range(MAX_PLACES):
    setattr(CallForm, f"place_{_n}", DropdownField(N_("Part of the draft"), default=""))
    setattr(
        CallForm,
        f"prompts_{_n}",
        LongTextField(
            N_("Prompts to help people comment"),
            most=600,
        ),
    )


def build_call_form(
    row: CommentCall, tree: ProvisionTree, language: str, letters: Sequence[CampaignOverview]
) -> CallForm:
    """Return the form of a call's text in a language with its current values.

    Parts of the draft are common to all languages. `letters` are the campaign letters that may be linked to it.
    """
    texts: Mapping[str, Any] = row.texts.get(language, {})
    known: dict[str, Any] = {"why": texts.get("why", ""), "revision": str(row.revision)}
    known["letter"] = str(row.campaign_id or "")
    for n, wid in enumerate(row.places[:MAX_PLACES]):
        known |= {f"place_{n}": wid, f"prompts_{n}": "\n".join(texts.get("prompts", {}).get(wid, ()))}
    form = CallForm(data=known)
    listed = [
        SelectChoice(node.wid, f"{node.label} {excerpt(node.heading or node.text, 70)}".strip())
        for node in tree.by_id.values()
    ]
    offered = [SelectChoice(str(letter.id), excerpt(letter.title, 70)) for letter in letters]
    form.letter.choices = [SelectChoice("", _("No campaign letter")), *offered]
    for place, prompts in form.rows:
        place.choices = [SelectChoice("", _("None")), *listed]
        hint = _("Up to %(most)s questions, one per line, such as “How far is the nearest service?”", most=MAX_PROMPTS)
        prompts.description = hint
    return form


class CallAnswerForm(CookielessForm):
    """The CSRF token of the boxes on a call's page. The anonymous form accepts the same token."""

    name_of_form = "traceless"


class CommentBox:
    """The input for one part of the draft: the words and the type of comment."""

    def __init__(self, place: CalledPlace, given: Mapping[str, str], n: int) -> None:
        self.place = place
        self.body = clean_text(given.get(f"body_{n}", ""))
        stance = given.get(f"stance_{n}", "")
        self.stance = Stance(stance) if stance in stances.OFFERED else None
        self.error = ""
        if len(self.body) > MAX_COMMENT_LENGTH:
            self.error = _("Shorten each comment to %(most)s characters or fewer.", most=MAX_COMMENT_LENGTH)
        elif self.body and self.stance is None:
            self.error = _("Choose what should happen")


def read_boxes(places: Sequence[CalledPlace], given: Mapping[str, str]) -> list[CommentBox]:
    """Return the submitted boxes, empty where nothing was typed."""
    return [CommentBox(place, given, n) for n, place in enumerate(places)]
