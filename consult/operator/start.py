"""Declaration of completeness: the statements required by law before anything is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.operator import queries
from consult.operator.fields import START, SiteField, StartItem
from consult.operator.model import LawfulStart


class StartMissing(Conflict):
    """Publication requires the operator's statements required by law."""


@dataclass(frozen=True)
class CheckedItem:
    """A checklist item with its missing fields and the languages without text."""

    item: StartItem
    missing: Sequence[SiteField]
    untranslated: Sequence[str]  # languages whose readers get the text in another one

    @property
    def is_given(self) -> bool:
        return not self.missing


def check_items(values: Mapping[tuple[str, str], str]) -> list[CheckedItem]:
    """Return the checklist for these values by key and language. Pure."""
    return [_check_item(item, values) for item in START]


def _check_item(item: StartItem, values: Mapping[tuple[str, str], str]) -> CheckedItem:
    keys = {key for key, _language in values}
    missing = [field for field in item.fields if field.needed and field.key not in keys]
    spoken = [field.key for field in item.fields if field.spoken and field.key in keys]
    untranslated = [code for code in LANGUAGES if any((key, code) not in values for key in spoken)]
    return CheckedItem(item, missing, untranslated)


def is_given(session: Session) -> bool:
    """Return whether an administrator has declared completeness."""
    return session.scalar(select(LawfulStart.id)) is not None


def check_given(session: Session) -> None:
    """Raise StartMissing if completeness is not declared."""
    if not is_given(session):
        raise StartMissing(
            _(
                "Nothing can be published yet. An administrator must first enter the data controller, the "
                "legal basis and everything else the law requires."
            )
        )


def get_start(session: Session) -> LawfulStart | None:
    """Return the declaration, or None."""
    return session.get(LawfulStart, 1)


def declare(session: Session, *, by: Account | None, at: datetime | None = None) -> None:
    """Declare completeness, which opens the site for publication. Safe to repeat. Raises Refusal."""
    if by is not None and by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can do this."))
    if session.get(LawfulStart, 1) is not None:
        return
    missing = [str(each.item.label) for each in check_items(queries.list_values(session)) if not each.is_given]
    if missing:
        raise Refusal(_("Missing: %(items)s.", items=_(", ").join(missing)))
    moment = at or now()
    session.add(LawfulStart(id=1, at=moment, account_id=by.id if by else None))
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, Kind.SITE_STARTED, subject_id=1, actor=actor, at=moment)
    session.flush()
