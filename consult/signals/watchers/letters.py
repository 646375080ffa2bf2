"""E-mails to watchers, created in the transaction of the decision they announce.

They have priority over other e-mails. Watchers who got one about a signal get the later ones in the same thread.
Sources: RFC 5322, section 3.6.4 (References); RFC 8058 (one-click unsubscribing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.web.addresses import public_url
from consult.mail import service as mail
from consult.mail.confirmed_address import unseal_reader
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.mail.stop_links import one_click_headers
from consult.signals.model import LEVEL_ORDER, Signal, SignalAct, SignalAlert, SignalLevel, SignalWarning, Watcher
from consult.signals.places import regions


class LetterAbout(StrEnum):
    """The reason for an e-mail.

    E-mails of the types after the first two go only to watchers who already got one about the signal.
    """

    LEVEL = "level"
    WARNING = "warning"
    LOWERED = "lowered"
    CORRECTION = "correction"
    RETRACTION = "retraction"


_TO_ALL = (LetterAbout.LEVEL, LetterAbout.WARNING)


def announce(
    session: Session,
    signal: Signal,
    act: SignalAct,
    about: LetterAbout,
    *,
    warning: SignalWarning | None = None,
    at: datetime,
) -> int:
    """Create the e-mails about an act and return their number. Each act is announced once."""
    key = f"signals:{signal.id}:{act.id}"
    by_language: dict[str, list[LetterCopy]] = {}
    new = []
    for row, account, first in _list_recipients(session, signal, about):
        copy = _build_copy(row, account, first, key)
        by_language.setdefault(letter_language(row.language), []).append(copy)
        if first is None:
            new.append({"signal_id": signal.id, "watcher_id": row.id, "message_id": copy.message_id, "at": at})
    last = warning or find_last_edition(session, signal.id)
    for language, copies in sorted(by_language.items()):
        mail.post_all(
            session,
            shared_key=key,
            template="signals/mail/alert",
            language=language,
            copies=copies,
            urgent=True,
            title=choose_title(signal, last, language),
            **_context(signal, about, warning, act, language),
        )
    if new:
        session.execute(insert(SignalAlert).on_conflict_do_nothing(), new)
    return sum(map(len, by_language.values()))


def find_last_edition(session: Session, signal_id: int) -> SignalWarning | None:
    """Return the newest published edition of a warning."""
    out = select(SignalWarning).where(SignalWarning.signal_id == signal_id, SignalWarning.published_at.is_not(None))
    return session.scalar(out.order_by(SignalWarning.edition.desc()).limit(1))


def choose_title(signal: Signal, last: SignalWarning | None, language: str) -> str:
    """Return the title in this language if the newest edition has one, else that of the signal."""
    if last is None or last.texts[last.language].get("title") != signal.title:
        return signal.title
    return str(last.texts.get(language, {}).get("title") or signal.title)


def _list_recipients(session: Session, signal: Signal, about: LetterAbout) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return watchers, their accounts, and the Message-ID of their first e-mail about this signal."""
    told = (SignalAlert.watcher_id == Watcher.id) & (SignalAlert.signal_id == signal.id)
    wanted: ColumnElement[bool] = SignalAlert.watcher_id.is_not(None)
    if about in _TO_ALL:
        wanted = wanted | matches(signal)
    return session.execute(
        select(Watcher, Account, SignalAlert.message_id)
        .outerjoin(Account, Account.id == Watcher.account_id)
        .outerjoin(SignalAlert, told)
        .where(Watcher.confirmed_at.is_not(None), wanted)
        .order_by(Watcher.id)
    ).all()


def matches(signal: Signal) -> ColumnElement[bool]:
    """Return a condition for watchers of this place, substance and level.

    A country includes its regions. A signal without a substance matches watchers of any substance.
    """
    levels = LEVEL_ORDER[: LEVEL_ORDER.index(SignalLevel(signal.level)) + 1]
    anywhere = (func.jsonb_array_length(Watcher.countries) == 0) & (func.jsonb_array_length(Watcher.regions) == 0)
    there = or_(anywhere, Watcher.countries.contains([signal.country]), Watcher.regions.contains([signal.region]))
    anything = func.jsonb_array_length(Watcher.substances) == 0
    if signal.substance_id is not None:
        anything = anything | Watcher.substances.contains([signal.substance_id])
    else:  # what it is nobody knows: it may be what they watch for
        anything = anything | (func.jsonb_array_length(Watcher.substances) > 0)
    return Watcher.least.in_(levels) & there & anything


def _build_copy(row: Watcher, account: Account | None, first: str | None, key: str) -> LetterCopy:
    headers = one_click_headers("<{{stop}}>")
    if first is not None:
        headers |= {"In-Reply-To": first, "References": first}
    change = public_url("watchers.watch") if account else public_url("watchers.confirm", token=row.token)
    fields = {"stop": public_url("watchers.stop", token=row.token), "change": change}
    to = unseal_reader(row, account)
    return LetterCopy(f"{key}:{row.id}", to, headers, fields, message_id=mail.new_message_id())


def _context(
    signal: Signal, about: LetterAbout, warning: SignalWarning | None, act: SignalAct, language: str
) -> Mapping[str, Any]:
    texts = warning.texts if warning else {}
    shown = language if language in texts else (warning.language if warning else language)
    return {
        "about": str(about),
        "slug": signal.slug,
        "level": str(signal.level),
        "confidence": str(signal.confidence),
        "where": regions.name_place(
            signal.country, signal.region, language, signal.place if signal.place_shown else None
        ),
        "text": texts.get(shown),
        "text_language": shown,
        "until": warning.until if warning else None,
        "reason": act.reason,
    }
