"""Events that webhooks send: those of the list of changes, and those of own submissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.api.reading import changes
from consult.api.reading.records import ChangeRecord
from consult.api.webhooks.model import Webhook
from consult.core.database.sql_files import read_sql
from consult.core.i18n import N_
from consult.ledger import service as ledger
from consult.ledger.model import Kind

MOST = 100
"""Events in one request."""
OWN = "own"
TOPICS = {
    "consultation": N_("Consultations are published, opened, changed, extended, closed or reopened"),
    "draft": N_("New versions of drafts"),
    "submission": N_("Submissions are published, withdrawn or erased"),
    "response": N_("Official answers are given or changed"),
    "digest": N_("Digests are published"),
    "plan": N_("Action plans are published"),
    "action": N_("Actions are announced in an answer, changed, reported on, overdue, done or dropped"),
    "signal": N_("Warnings are sent, corrected, retracted or closed"),
    "case_study": N_("Case studies are published, changed or withdrawn"),
    OWN: N_("Your own submissions are received, published, returned, not published or answered"),
}
"""What a webhook can be sent, with labels that are not translated. The keys are the first words of event kinds."""
OWN_KINDS = (Kind.RECEIVED, Kind.PUBLISHED, Kind.RETURNED, Kind.WITHHELD)
ANSWER_KINDS = (Kind.RESPONSE_GIVEN, Kind.RESPONSE_AMENDED)
"""Answers to an argument that own submissions make: one event, with a reference if it is one submission."""
_OWN = text(read_sql(__file__, "own_events"))


def find_events(session: Session, hook: Webhook) -> tuple[Sequence[ChangeRecord], int]:
    """Return the next events of a webhook, at most MOST, and the position after them."""
    head, after = ledger.head(session), hook.position - 1
    kinds = [kind for kind in changes.EVENTS if str(kind).partition(".")[0] in hook.topics]
    events = changes.find_changes(session, kinds, after=after, most=MOST + 1) if kinds else []
    if OWN in hook.topics:
        events += [changes.to_record(row) for row in session.execute(_OWN, _own_values(hook, after))]
        events.sort(key=lambda event: event.number)
    events = [event for event in events if event.number < head]
    if len(events) <= MOST:
        return events, head
    upto = events[MOST].number  # its events are sent together, in the next request
    return [event for event in events if event.number < upto], upto


def _own_values(hook: Webhook, after: int) -> dict[str, Any]:
    kinds = {"kinds": list(map(str, OWN_KINDS)), "answers": list(map(str, ANSWER_KINDS))}
    owner = {"account": hook.account_id, "organisation": hook.organisation_id}
    return {**owner, **kinds, "after": after, "most": MOST + 1}


def list_kinds() -> dict[str, list[str]]:
    """Return the kinds of events that each topic sends."""
    kinds: dict[str, list[str]] = {topic: [] for topic in TOPICS}
    for kind in map(str, changes.EVENTS):
        kinds[kind.partition(".")[0]].append(kind)
    kinds[OWN] = [f"{OWN}.{kind}" for kind in (*OWN_KINDS, *ANSWER_KINDS)]
    return kinds
