"""The lawful start: what the law asks an operator to say before anything is published, and whether it was said."""

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
    """Nothing is published before the operator has said what the law asks for."""


@dataclass(frozen=True)
class CheckedItem:
    """A line of the checklist: what of it is missing, and in which languages words are."""

    item: StartItem
    missing: Sequence[SiteField]
    untranslated: Sequence[str]  # codes of languages in which readers get another language's words

    @property
    def is_given(self) -> bool:
        return not self.missing


def check_items(values: Mapping[tuple[str, str], str]) -> list[CheckedItem]:
    """The checklist for what is said now, by key and language. Pure."""
    return [_check_item(item, values) for item in START]


def _check_item(item: StartItem, values: Mapping[tuple[str, str], str]) -> CheckedItem:
    said = {key for key, _language in values}
    missing = [field for field in item.fields if field.needed and field.key not in said]
    spoken = [field.key for field in item.fields if field.spoken and field.key in said]
    untranslated = [code for code in LANGUAGES if any((key, code) not in values for key in spoken)]
    return CheckedItem(item, missing, untranslated)


def is_given(session: Session) -> bool:
    """Whether an administrator has declared that everything is said."""
    return session.scalar(select(LawfulStart.id)) is not None


def check_given(session: Session) -> None:
    """Raises StartMissing."""
    if not is_given(session):
        raise StartMissing(
            _(
                "Nothing can be published yet: an administrator has not said who is responsible for "
                "this site, on which legal basis, and what else the law asks for."
            )
        )


def get_start(session: Session) -> LawfulStart | None:
    """When it was declared."""
    return session.get(LawfulStart, 1)


def declare(session: Session, *, by: Account | None, at: datetime | None = None) -> None:
    """Opens the site for publication, once everything is said. The same again changes nothing. Raises Refusal."""
    if by is not None and by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can do this."))
    if session.get(LawfulStart, 1) is not None:
        return
    missing = [str(each.item.label) for each in check_items(queries.list_values(session)) if not each.is_given]
    if missing:
        raise Refusal(_("This is missing: %(items)s.", items=_(", ").join(missing)))
    moment = at or now()
    session.add(LawfulStart(id=1, at=moment, account_id=by.id if by else None))
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, Kind.SITE_STARTED, subject_id=1, actor=actor, at=moment)
    session.flush()
