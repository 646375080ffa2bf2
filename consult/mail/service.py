"""Creation of e-mails: each is a row in the caller's transaction before it is sent."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index, pseudonym, seal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.core.web.requests import settings
from consult.mail.message import Attachment, check_header, placeholder
from consult.mail.model import Letter, LetterContent, State
from consult.mail.render import letter_language, render_letter

_ADDRESS = re.compile(r"[^\s<>@,;:\\\"\x00-\x1f\x7f]{1,64}@[^\s<>@,;:\\\"\x00-\x1f\x7f]{1,255}")
_CHUNK = 250
_URGENT_LEAD = timedelta(days=1)
"""E-mails are sent in the order of their due time: an urgent one precedes all of the day before."""
_NUDGES = 8


class AddressRefused(Refusal):
    """The address cannot receive e-mail."""


@dataclass(frozen=True)
class LetterCopy:
    """One e-mail of an edition: key, address, headers and fields. Headers may hold `{{field}}` placeholders."""

    key: str
    to: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""


def check_address(address: str) -> None:
    """Raise AddressRefused if the address cannot receive e-mail."""
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or not address.isprintable():
        raise AddressRefused(_("We cannot send to this e-mail address. Check it for typing mistakes."), field="email")


def post(
    session: Session,
    *,
    key: str,
    to: str,
    template: str,
    language: str,
    shared_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    attached: Attachment | None = None,
    asked: bool = False,
    urgent: bool = False,
    **context: Any,
) -> Letter:
    """Create the e-mail with this key, or return the existing one.

    Renders `<template>.txt` (first line `Subject: …`) and `<template>.html` with `context`. If many e-mails share a
    content, `shared_key` identifies it, and `place("name")` in the templates stands for a value of `fields`. `asked`:
    requested just now by the person at this address, so it is sent once a day even to a closed address. `urgent`: sent
    before others. Raises AddressRefused, and HeaderRefused for a line break in a header.
    """
    copy = LetterCopy(key, to, headers or {}, fields or {})
    _check_copy(copy)
    shared = shared_key is not None
    content_id = _ensure_content(session, shared_key or f"letter:{key}", template, language, context, shared, attached)
    added: Letter | None = session.scalar(
        insert(Letter)
        .values(_letter_row(copy, content_id, asked, urgent))
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Letter)
    )
    if added is None:
        _drop_unused(session, content_id)
        return session.scalars(select(Letter).where(Letter.key == key)).one()
    if shared_key is not None:
        _count_built(session, content_id, 1)
    nudge(session, find_task("mail.drain"), 0)
    return added


def post_all(
    session: Session,
    *,
    shared_key: str,
    template: str,
    language: str,
    copies: Sequence[LetterCopy],
    attached: Attachment | None = None,
    urgent: bool = False,
    **context: Any,
) -> dict[str, int]:
    """Create one shared content and an e-mail for each copy, and return their ids by key. Existing keys add nothing.

    `attached` is sent with each of them. With `urgent`, they are sent before others.
    """
    for copy in copies:
        _check_copy(copy)
    content_id = _ensure_content(session, shared_key, template, language, context, True, attached)
    if copies:
        adding = insert(Letter).on_conflict_do_nothing(index_elements=["key"]).returning(Letter.id)
        added = session.scalars(adding, [_letter_row(copy, content_id, urgent=urgent) for copy in copies]).all()
        _count_built(session, content_id, len(added))
        for part in range(min(_NUDGES, -(-len(added) // _CHUNK))):
            nudge(session, find_task("mail.drain"), part)
    rows = session.execute(select(Letter.key, Letter.id).where(Letter.key.in_([copy.key for copy in copies])))
    return {row.key: row.id for row in rows}


def cancel(session: Session, *, letter_ids: Sequence[int], reason: str) -> None:
    """Cancel waiting e-mails and store the reason. An e-mail in transfer is still sent."""
    session.execute(
        update(Letter)
        .where(Letter.id.in_(letter_ids), Letter.state.in_((State.PENDING, State.UNCERTAIN, State.DEAD)))
        .values(state=State.SUPPRESSED, reason=reason, to_sealed=None, fields_sealed=None)
    )


def forget(session: Session, *, keys: Collection[str]) -> None:
    """Cancel unsent e-mails about erased data, with their content, and delete the addresses of all of them."""
    known = select(Letter.id).where(Letter.key.in_(keys))
    waiting = Letter.state.in_((State.PENDING, State.UNCERTAIN, State.DEAD))
    contents = select(Letter.content_id).where(Letter.id.in_(known), waiting)
    unsent = list(session.scalars(contents))
    ended = {"state": State.SUPPRESSED, "reason": "erased", "to_sealed": None, "fields_sealed": None}
    unshared = ~exists().where(LetterContent.id == Letter.content_id, LetterContent.shared)
    session.execute(update(Letter).where(Letter.id.in_(known), waiting, unshared).values(**ended, content_id=None))
    session.execute(update(Letter).where(Letter.id.in_(known)).values(to_index=b""))
    session.execute(delete(LetterContent).where(LetterContent.id.in_(unsent), ~LetterContent.shared))


def new_message_id() -> str:
    """Return a new unique Message-ID of this site. Source: RFC 5322, section 3.6.4."""
    return f"<{secrets.token_hex(16)}@{settings().host}>"


def _ensure_content(
    session: Session,
    key: str,
    template: str,
    language: str,
    context: Mapping[str, Any],
    shared: bool,
    attached: Attachment | None = None,
) -> int:
    """Return the id of the content with this key, rendering it unless a shared one exists."""
    lang = letter_language(language)
    unique = f"{key}:{lang}"
    find = select(LetterContent.id).where(LetterContent.key == unique)
    if shared and (known := session.scalar(find)) is not None:
        return known
    sealed = _seal_words(unique, template, lang, context)
    added = session.scalar(
        insert(LetterContent)
        .values(
            key=unique,
            language=lang,
            sealed=sealed,
            shared=shared,
            built=0 if shared else 1,
            created_at=now(),
            attached=_seal_attachment(attached) if attached else None,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(LetterContent.id)
    )
    return added if added is not None else session.scalars(find).one()


def _seal_words(unique: str, template: str, language: str, context: Mapping[str, Any]) -> bytes:
    mark = pseudonym("place", unique)
    words = render_letter(template, language, {**context, "place": lambda name: placeholder(name, mark)})
    return seal(json.dumps({"subject": words.subject, "text": words.text, "html": words.html}))


def list_languages(session: Session, *, shared_key: str) -> dict[str, bool]:
    """Return the languages of a shared content, each with whether it has an attachment."""
    kept = select(LetterContent.language, LetterContent.attached.is_not(None))
    rows = session.execute(kept.where(LetterContent.shared, LetterContent.key.startswith(f"{shared_key}:")))
    return {row[0]: row[1] for row in rows}


def rewrite(
    session: Session,
    *,
    shared_key: str,
    template: str,
    language: str,
    attached: Attachment | None = None,
    **context: Any,
) -> None:
    """Render a shared content again, so that e-mails not sent yet are up to date."""
    unique = f"{shared_key}:{language}"
    values = {
        "sealed": _seal_words(unique, template, language, context),
        "attached": _seal_attachment(attached) if attached else None,
    }
    session.execute(update(LetterContent).where(LetterContent.key == unique).values(**values))


def _seal_attachment(attached: Attachment) -> bytes:
    content = base64.b64encode(attached.content).decode()
    return seal(json.dumps({"name": attached.name, "kind": attached.kind, "content": content}))


def _check_copy(copy: LetterCopy) -> None:
    """Raise AddressRefused or HeaderRefused for unsafe addresses and headers."""
    if copy.to:  # An e-mail whose address cannot be decrypted is kept as a row without one.
        check_address(copy.to)
    for name, value in copy.headers.items():
        check_header(name, value)
        for used in re.findall(r"\{\{(\w+)\}\}", value):
            check_header(name, copy.fields[used])


def _letter_row(copy: LetterCopy, content_id: int, asked: bool = False, urgent: bool = False) -> dict[str, Any]:
    moment = now()
    return {
        "key": copy.key,
        "content_id": content_id,
        "to_sealed": seal(copy.to),
        "to_index": blind_index(copy.to),
        "fields_sealed": seal(json.dumps(dict(copy.fields))) if copy.fields else None,
        "headers": dict(copy.headers),
        "message_id": copy.message_id or new_message_id(),
        "state": State.PENDING,
        "reason": None,
        "attempts": 0,
        "cuts": 0,
        "asked": asked,
        "next_at": moment - _URGENT_LEAD if urgent else moment,
        "created_at": moment,
        "sent_at": None,
    }


def _count_built(session: Session, content_id: int, added: int) -> None:
    session.execute(
        update(LetterContent).where(LetterContent.id == content_id).values(built=LetterContent.built + added)
    )


def _drop_unused(session: Session, content_id: int) -> None:
    """Delete a content that was rendered for an e-mail that already existed."""
    used = select(Letter.id).where(Letter.content_id == content_id).exists()
    session.execute(delete(LetterContent).where(LetterContent.id == content_id, ~LetterContent.shared, ~used))
