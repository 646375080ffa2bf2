"""Unpublished drafts of answers: one for each argument and writer, encrypted, visible to the writer only.

The fingerprint of the loaded draft detects that the same writer changed it in another window.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.core.clock import now
from consult.core.crypto import seal, unseal
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.responses.model import ResponseDraft
from consult.submissions.content.draft import compute_mark

_MOST = 20_000
"""Maximum total length in characters. Reasons too long to publish can be saved, to be shortened later."""
AnswerFields = Mapping[str, Sequence[str]]
"""Form values by field name."""


class AnswerDraftChangedElsewhere(Conflict):
    """The writer has changed the draft in another window."""


@dataclass(frozen=True)
class AnswerDraft:
    """A draft of an answer. `stands` is the token of the published answer shown with it."""

    fields: AnswerFields
    stands: str
    saved_at: datetime

    @property
    def mark(self) -> str:
        """Return the fingerprint of the draft, for comparison with a form."""
        return compute_mark(json.dumps(self.fields, sort_keys=True))


def find_draft(session: Session, argument_id: int, account_id: int) -> AnswerDraft | None:
    """Return the account's draft for an argument or one merged into it. One statement."""
    row = session.scalar(
        select(ResponseDraft)
        .join(Argument, Argument.id == ResponseDraft.argument_id)
        .where(
            ResponseDraft.account_id == account_id,
            or_(Argument.id == argument_id, Argument.merged_into_id == argument_id),
        )
        .order_by(Argument.merged_into_id.nulls_first(), Argument.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    written = json.loads(unseal(row.sealed))
    return AnswerDraft(written["fields"], written["stands"], row.saved_at)


def save_draft(
    session: Session,
    *,
    argument: Argument,
    by: Account,
    fields: AnswerFields,
    standing: AnswerFields,
    stands: str,
    seen: str,
) -> str:
    """Save the draft and return its fingerprint. A draft equal to the `standing` answer is deleted.

    Raises AnswerDraftChangedElsewhere, and Refusal if it is far too long.
    """
    if sum(len(value) for values in fields.values() for value in values) > _MOST:
        raise Refusal(_("The reasons are too long. Shorten them."), field="reasons")
    check_unchanged(session, argument=argument, by=by, seen=seen, fields=fields)
    if _nonempty_fields(fields) == _nonempty_fields(standing):
        delete_draft(session, argument=argument, by=by)
        return ""
    written = AnswerDraft(fields, stands, now())
    values = {"sealed": seal(json.dumps({"fields": fields, "stands": stands})), "saved_at": written.saved_at}
    row = insert(ResponseDraft).values(argument_id=argument.id, account_id=by.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["argument_id", "account_id"], set_=values))
    return written.mark


def check_unchanged(session: Session, *, argument: Argument, by: Account, seen: str, fields: AnswerFields) -> None:
    """Raise AnswerDraftChangedElsewhere if the stored draft differs from both the one seen and `fields`."""
    advisory_lock(session, "response_draft", argument.id)
    there = find_draft(session, argument.id, by.id)
    if there is not None and there.mark != seen and _nonempty_fields(there.fields) != _nonempty_fields(fields):
        raise AnswerDraftChangedElsewhere(_("Your unfinished answer was changed elsewhere after you opened this page."))


def delete_draft(session: Session, *, argument: Argument, by: Account) -> None:
    """Delete the account's drafts for an argument and those merged into it."""
    part_of = select(Argument.id).where(or_(Argument.id == argument.id, Argument.merged_into_id == argument.id))
    gone = delete(ResponseDraft).where(ResponseDraft.account_id == by.id, ResponseDraft.argument_id.in_(part_of))
    session.execute(gone, execution_options={"synchronize_session": False})


def delete_account_drafts(session: Session, *, account_id: int) -> None:
    """Delete the unpublished drafts of a deleted account."""
    session.execute(delete(ResponseDraft).where(ResponseDraft.account_id == account_id))


def _nonempty_fields(fields: AnswerFields) -> dict[str, list[str]]:
    """Return the fields with a value."""
    return {name: list(values) for name, values in fields.items() if any(values)}
