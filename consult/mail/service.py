"""Writing letters: each is a row in the caller's transaction before it is anything on a wire."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index, pseudonym, seal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.queue import named, nudge
from consult.core.web import settings
from consult.mail.message import Attachment, check_header, place
from consult.mail.model import Content, Letter, State, Suppression
from consult.mail.rendering import render, spoken

_ADDRESS = re.compile(r"[^\s<>@,;:\\\"\x00-\x1f\x7f]{1,64}@[^\s<>@,;:\\\"\x00-\x1f\x7f]{1,255}")
_CHUNK = 250
_NUDGES = 8


class AddressRefused(Refusal):
    """This is not an address that a letter can be written to."""


@dataclass(frozen=True)
class Copy:
    """One letter of an edition: its own key, address, headers and fields. Headers may hold `{{field}}` places."""

    key: str
    to: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""


def check_address(address: str) -> None:
    """Raises AddressRefused unless a letter can be written to it."""
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or not address.isprintable():
        raise AddressRefused(_("A letter cannot be sent to this address. Check it for typing mistakes."), field="email")


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
    **context: Any,
) -> Letter:
    """The letter with this key: written now, or when the same reason first came up.

    Renders `<template>.txt` (first line `Subject: …`) and `<template>.html` with `context`. Where many letters say
    the same, `shared_key` names what they say, and `place("name")` in the templates stands for a value of `fields`.
    Raises AddressRefused, and HeaderRefused for a line end in a header.
    """
    copy = Copy(key, to, headers or {}, fields or {})
    _check(copy)
    shared = shared_key is not None
    content_id = _content(session, shared_key or f"letter:{key}", template, language, context, shared, attached)
    added: Letter | None = session.scalar(
        insert(Letter).values(_row(copy, content_id)).on_conflict_do_nothing(index_elements=["key"]).returning(Letter)
    )
    if added is None:
        _drop_unused(session, content_id)
        return session.scalars(select(Letter).where(Letter.key == key)).one()
    if shared_key is not None:
        _count(session, content_id, 1)
    nudge(session, named("mail.drain"), 0)
    return added


def post_all(
    session: Session,
    *,
    shared_key: str,
    template: str,
    language: str,
    copies: Sequence[Copy],
    attached: Attachment | None = None,
    **context: Any,
) -> dict[str, int]:
    """Writes one content and a letter for each copy; gives the letters' ids by key. The same keys add nothing.

    `attached` is a file that goes with each of them.
    """
    for copy in copies:
        _check(copy)
    content_id = _content(session, shared_key, template, language, context, True, attached)
    if copies:
        adding = insert(Letter).on_conflict_do_nothing(index_elements=["key"]).returning(Letter.id)
        added = session.scalars(adding, [_row(copy, content_id) for copy in copies]).all()
        _count(session, content_id, len(added))
        for part in range(min(_NUDGES, -(-len(added) // _CHUNK))):
            nudge(session, named("mail.drain"), part)
    found = session.execute(select(Letter.key, Letter.id).where(Letter.key.in_([copy.key for copy in copies])))
    return {row.key: row.id for row in found}


def suppress(session: Session, *, address: str, reason: str) -> None:
    """From now on nothing is sent to this address; what waits for it is suppressed when its turn comes."""
    row = insert(Suppression).values(index=blind_index(address), reason=reason, at=now())
    session.execute(row.on_conflict_do_nothing())


def cancel(session: Session, *, letter_ids: Sequence[int], reason: str) -> None:
    """Letters that still wait are not sent; the rows stay and say why. One that is being handed over goes."""
    session.execute(
        update(Letter)
        .where(Letter.id.in_(letter_ids), Letter.state.in_((State.PENDING, State.UNCERTAIN)))
        .values(state=State.SUPPRESSED, reason=reason, to_sealed=None, fields_sealed=None)
    )


def new_message_id() -> str:
    """A Message-ID of this site, never given twice. Source: RFC 5322, section 3.6.4."""
    return f"<{secrets.token_hex(16)}@{settings().host}>"


def _content(
    session: Session,
    key: str,
    template: str,
    language: str,
    context: Mapping[str, Any],
    shared: bool,
    attached: Attachment | None = None,
) -> int:
    """The id of what a letter says, rendered unless the same was rendered before."""
    lang = spoken(language)
    unique = f"{key}:{lang}"
    find = select(Content.id).where(Content.key == unique)
    if shared and (known := session.scalar(find)) is not None:
        return known
    mark = pseudonym("place", unique)
    words = render(template, lang, {**context, "place": lambda name: place(name, mark)})
    sealed = seal(json.dumps({"subject": words.subject, "text": words.text, "html": words.html}))
    added = session.scalar(
        insert(Content)
        .values(
            key=unique, language=lang, sealed=sealed, shared=shared, built=0 if shared else 1, created_at=now(),
            attached=_sealed(attached) if attached else None,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Content.id)
    )  # fmt: skip
    return added if added is not None else session.scalars(find).one()


def _sealed(attached: Attachment) -> bytes:
    content = base64.b64encode(attached.content).decode()
    return seal(json.dumps({"name": attached.name, "kind": attached.kind, "content": content}))


def _check(copy: Copy) -> None:
    """Raises a refusal for an address or a header that must not reach a wire."""
    check_address(copy.to)
    for name, value in copy.headers.items():
        check_header(name, value)
        for used in re.findall(r"\{\{(\w+)\}\}", value):
            check_header(name, copy.fields[used])


def _row(copy: Copy, content_id: int) -> dict[str, Any]:
    moment = now()
    return {
        "key": copy.key, "content_id": content_id, "to_sealed": seal(copy.to), "to_index": blind_index(copy.to),
        "fields_sealed": seal(json.dumps(dict(copy.fields))) if copy.fields else None, "headers": dict(copy.headers),
        "message_id": copy.message_id or new_message_id(), "state": State.PENDING, "reason": None, "attempts": 0,
        "next_at": moment, "created_at": moment, "sent_at": None,
    }  # fmt: skip


def _count(session: Session, content_id: int, added: int) -> None:
    session.execute(update(Content).where(Content.id == content_id).values(built=Content.built + added))


def _drop_unused(session: Session, content_id: int) -> None:
    """A content rendered for a letter that turned out to have been written before, and sent."""
    used = select(Letter.id).where(Letter.content_id == content_id).exists()
    session.execute(delete(Content).where(Content.id == content_id, ~Content.shared, ~used))
