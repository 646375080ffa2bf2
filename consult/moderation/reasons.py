"""What each reason is called and what it means: the words of the policy, the letters, the log and the timeline."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import N_
from consult.moderation.model import Reason

NAMES: dict[Reason, Any] = {
    Reason.PERSONAL_DETAILS: N_("Contact details"),
    Reason.THIRD_PERSON: N_("Identifies another person"),
    Reason.HATE: N_("Hate or threats"),
    Reason.OFF_TOPIC: N_("Not about this draft"),
    Reason.REPEATED: N_("Sent in before by the same author"),
    Reason.ILLEGAL: N_("Unlawful to publish"),
    Reason.UNCLEAR: N_("Cannot be understood"),
}
MEANINGS: dict[Reason, Any] = {
    Reason.PERSONAL_DETAILS: N_(
        "It holds a telephone number, an address or the like, with which somebody could be found."
    ),
    Reason.THIRD_PERSON: N_("It tells of a person who can be recognised and who may not have agreed."),
    Reason.HATE: N_("It threatens people, or denies them dignity for what they are."),
    Reason.OFF_TOPIC: N_("It says nothing on the draft, on its questions or on what they are about."),
    Reason.REPEATED: N_("The same author has sent the same words already. The first of them counts."),
    Reason.ILLEGAL: N_("To publish it would break a law that applies here, such as that on libel."),
    Reason.UNCLEAR: N_("The moderator could not find out what is meant."),
}


def reason_name(reason: str | None) -> str:
    """A reason by its code, in the language being spoken; empty where there is none.

    A code that is no longer used is shown as it is: the ledger keeps it for good.
    """
    if reason is None:
        return ""
    return str(NAMES[Reason(reason)]) if reason in set(Reason) else reason


def reason_meaning(reason: str | None) -> str:
    return str(MEANINGS[Reason(reason)]) if reason in set(Reason) else ""
