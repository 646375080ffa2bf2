"""Drafts of answers: one for each argument and writer, encrypted, visible to the writer only.

A mark of the loaded draft detects that the same writer changed it in another window.
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
from consult.submissions.drafts.values import compute_mark

_MOST = 20_000
"""Characters in all. Reasons that are too long to be published can be kept, to be shortened later."""
AnswerFields = Mapping[str, Sequence[str]]
"""What stands in a form, by the names of its fields."""


class AnswerDraftChangedElsewhere(Conflict):
    """This writer has written something else meanwhile, in another window."""


@dataclass(frozen=True)
class AnswerDraft:
    """A draft of an answer. `stands` is the token of the published answer that the writer had beside it."""

    fields: AnswerFields
    stands: str
    saved_at: datetime

    @property
    def mark(self) -> str:
        """The mark of the draft that a form has seen."""
        return compute_mark(json.dumps(self.fields, sort_keys=True))


def find_draft(session: Session, argument_id: int, account_id: int) -> AnswerDraft | None:
    """An account's draft for an argument, else for one that was merged into it. One statement."""
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
    """Keeps what was written; gives its mark. What says no more than the `standing` answer does is no draft.

    Raises ChangedElsewhere, and Refusal for what is far too long.
    """
    if sum(len(value) for values in fields.values() for value in values) > _MOST:
        raise Refusal(_("The reasons are too long."), field="reasons")
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
    """Raises ChangedElsewhere if the stored draft differs from the one that the form has seen or contains."""
    advisory_lock(session, "response_draft", argument.id)
    there = find_draft(session, argument.id, by.id)
    if there is not None and there.mark != seen and _nonempty_fields(there.fields) != _nonempty_fields(fields):
        raise AnswerDraftChangedElsewhere(_("Your draft was changed elsewhere after you opened this page."))


def delete_draft(session: Session, *, argument: Argument, by: Account) -> None:
    """Deletes what somebody has written for an argument, and for those that are part of it."""
    part_of = select(Argument.id).where(or_(Argument.id == argument.id, Argument.merged_into_id == argument.id))
    gone = delete(ResponseDraft).where(ResponseDraft.account_id == by.id, ResponseDraft.argument_id.in_(part_of))
    session.execute(gone, execution_options={"synchronize_session": False})


def delete_account_drafts(session: Session, *, account_id: int) -> None:
    """Deletes the unpublished drafts of a deleted account."""
    session.execute(delete(ResponseDraft).where(ResponseDraft.account_id == account_id))


def _nonempty_fields(fields: AnswerFields) -> dict[str, list[str]]:
    """Those that say something."""
    return {name: list(values) for name, values in fields.items() if any(values)}
