"""Forms on a submission's own page."""

from __future__ import annotations

from consult.arguments.objections.service import MAX_LENGTH
from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import BooleanField, Form, HiddenField, LineField, LongTextField, required
from consult.core.web.tokens import CookielessForm
from consult.submissions.evidence.forms import EvidenceFileForm


class LookupForm(Form):
    """The lookup by reference. It changes nothing, so it has no CSRF token."""

    class Meta:
        csrf = False

    reference = LineField(N_("Your reference"), [required(N_("Enter your reference"))], most=60)


class ReturnCodeForm(CookielessForm):
    name_of_form = "return"
    words = LineField(
        N_("Your seven recovery words"),
        [required(N_("Enter your seven recovery words"))],
        most=400,
        description=N_("In order, separated by spaces. The first four characters of each word are enough."),
        widget=widgets.TextInput(dir="ltr", autocomplete="off", spellcheck="false", autocapitalize="none"),
    )


class ReturnActionForm(CookielessForm):
    """A button of the return page, with the sealed recovery words."""

    name_of_form = "act"
    code = HiddenField()


class AppealForm(Form):
    """An appeal with the reason for another decision."""

    words = LongTextField(
        N_("Why should another person change the decision?"),
        [required(N_("Explain why another person should change the decision"))],
        most=4000,
        description=N_("Only moderators read this. Do not say who you are."),
    )


class AppealByCodeForm(ReturnActionForm):
    """An appeal by the holder of the recovery words."""

    words = AppealForm.words


class ReplyForm(Form):
    """A message to the moderator who returned the submission. It is sent in again unchanged."""

    reply = LongTextField(
        N_("Your message to the moderator"),
        [required(N_("Write your answer"))],
        most=4000,
        description=N_("Only moderators read this."),
    )


class ReplyByCodeForm(ReturnActionForm):
    """A message to the moderator by the holder of the recovery words."""

    reply = ReplyForm.reply


class NotMyPointForm(Form):
    """An objection that a statement does not make the argument it was assigned to."""

    statement = HiddenField()
    words = LongTextField(
        N_("Why not? (optional)"),
        most=MAX_LENGTH,
        description=N_("Only the people who sort arguments read this. Do not say who you are."),
    )


class NotMyPointByCodeForm(ReturnActionForm):
    """An objection by the holder of the recovery words."""

    statement = HiddenField()
    words = NotMyPointForm.words


class InviteOrganisationForm(Form):
    organisation_name = LineField(
        N_("Name of the organisation"),
        [required(N_("Enter the name of the organisation"))],
        description=N_(
            "All or part of the name of the organisation. Its members can then read your submission. A member "
            "with permission to submit confirms the request."
        ),
    )


class MandateForm(Form):
    """A file that authorises an organisation to speak for others."""

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
            "Your submission does not change. If you tick this box, we show the file if a moderator publishes "
            "it. If not, only moderators see it."
        ),
    )


class AuthorButtonForm(Form):
    """A form with only a button."""
