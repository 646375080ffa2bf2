"""Forms of a submission's own page."""

from __future__ import annotations

from consult.arguments.objections.service import MAX_LENGTH
from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import BooleanField, Form, HiddenField, LineField, LongTextField, required
from consult.core.web.tokens import CookielessForm
from consult.submissions.evidence.forms import EvidenceFileForm


class LookupForm(Form):
    """Reading changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    reference = LineField(N_("Your reference"), [required(N_("Enter your reference"))], most=60)


class ReturnCodeForm(CookielessForm):
    name_of_form = "return"
    words = LineField(
        N_("Your seven words"),
        [required(N_("Enter your seven words"))],
        most=400,
        description=N_("In their order, with a space between. The first four letters of each word are enough."),
        widget=widgets.TextInput(dir="ltr", autocomplete="off", spellcheck="false", autocapitalize="none"),
    )


class ReturnActionForm(CookielessForm):
    """The buttons of the return page: the seven words, sealed."""

    name_of_form = "act"
    code = HiddenField()


class AppealForm(Form):
    """Why somebody else should decide otherwise."""

    words = LongTextField(
        N_("Why should somebody else decide otherwise?"),
        [required(N_("Say why somebody else should decide otherwise"))],
        most=4000,
        description=N_("Only moderators read it. Do not say who you are."),
    )


class AppealByCodeForm(ReturnActionForm):
    """The same, for a holder of the seven words."""

    words = AppealForm.words


class ReplyForm(Form):
    """What the author says to the moderator who returned it: enough to send it in again as it is."""

    reply = LongTextField(
        N_("Your answer to the moderator"),
        [required(N_("Write your answer"))],
        most=4000,
        description=N_("Only moderators read it."),
    )


class ReplyByCodeForm(ReturnActionForm):
    """The same, for a holder of the seven words."""

    reply = ReplyForm.reply


class NotMyPointForm(Form):
    """The author says that a statement of theirs does not make the point it was put under."""

    statement = HiddenField()
    words = LongTextField(
        N_("Why not? (optional)"),
        most=MAX_LENGTH,
        description=N_("Only those who sort arguments read it. Do not say who you are."),
    )


class NotMyPointByCodeForm(ReturnActionForm):
    """The same, for a holder of the seven words."""

    statement = HiddenField()
    words = NotMyPointForm.words


class InviteOrganisationForm(Form):
    organisation_name = LineField(
        N_("Name of the organisation"),
        [required(N_("Enter the name of the organisation"))],
        description=N_(
            "Its name, or words of it. Its members can then read what you sent, and one who can send confirms."
        ),
    )


class MandateForm(Form):
    """A file by which others let an organisation speak for them."""

    file = EvidenceFileForm.file
    description = LongTextField(
        N_("Who gave this mandate, and when?"),
        [required(N_("Say who gave this mandate, and when"))],
        most=600,
        description=N_("For example: decided by the assembly of the network on 3 May 2026."),
    )
    public = BooleanField(
        N_("Publish this file too. Everyone named in it agrees."),
        description=N_(
            "Your submission stays as it is. The file is shown with it once a moderator has read it. Else only "
            "moderators see the file."
        ),
    )


class AuthorButtonForm(Form):
    """A button only."""
