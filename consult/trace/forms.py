"""The forms of a submission's own page."""

from __future__ import annotations

from consult.core import widgets
from consult.core.forms import BooleanField, Form, HiddenField, Line, LongText, required
from consult.core.i18n import N_
from consult.core.tokens import Cookieless
from consult.submissions.evidence_forms import FileForm


class Lookup(Form):
    """Reading changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    reference = Line(N_("Your reference"), [required(N_("Enter your reference"))], most=60)


class ComeBack(Cookieless):
    name_of_form = "return"
    words = Line(
        N_("Your seven words"),
        [required(N_("Enter your seven words"))],
        most=400,
        description=N_("In their order, with a space between. The first four letters of each word are enough."),
        widget=widgets.Text(dir="ltr", autocomplete="off", spellcheck="false", autocapitalize="none"),
    )


class Act(Cookieless):
    """The buttons of whoever came back: the seven words, sealed."""

    name_of_form = "act"
    code = HiddenField()


class Appeal(Form):
    """Why somebody else should decide otherwise."""

    words = LongText(
        N_("Why should somebody else decide otherwise?"),
        [required(N_("Say why somebody else should decide otherwise"))],
        most=4000,
        description=N_("Only moderators read it. Do not say who you are."),
    )


class AppealByCode(Act):
    """The same, for whoever came back with seven words."""

    words = Appeal.words


class Answer(Form):
    """What the author says to the moderator who returned it: enough to send it in again as it is."""

    reply = LongText(
        N_("Your answer to the moderator"), [required(N_("Write your answer"))], most=4000,
        description=N_("Only moderators read it."),
    )  # fmt: skip


class AnswerByCode(Act):
    """The same, for whoever came back with seven words."""

    reply = Answer.reply


class Invite(Form):
    organisation_name = Line(
        N_("Name of the organisation"),
        [required(N_("Enter the name of the organisation"))],
        description=N_(
            "As it is written here. Its members can then read what you sent, and one who may sign confirms."
        ),
    )


class Mandate(Form):
    """A file by which others let an organisation speak for them."""

    file = FileForm.file
    description = LongText(
        N_("Who gave this mandate, and when?"),
        [required(N_("Say who gave this mandate, and when"))],
        most=600,
        description=N_("For example: decided by the assembly of the network on 3 May 2026."),
    )
    public = BooleanField(
        N_("Publish it too: those named in it agree."),
        description=N_("A moderator then reads all of your submission again first. Else only moderators see the file."),
    )


class Confirm(Form):
    """A button only."""
