"""Each edition of a warning has its own title: what is published sets that of the signal, everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.ledger.model import Kind, LedgerEntry
from consult.signals import queries, service, warnings
from consult.signals.model import Signal, SignalLevel, WarningKind
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests import factories
from tests.accounts.letters import letters
from tests.signals.working import opened, seated

SignIn = Callable[[Any], FlaskClient]
FIRST, FOUND = "Tablets sold as oxycodone", "Protonitazene found in tablets sold as oxycodone"
FRENCH = "Protonitazène trouvé dans des comprimés vendus comme oxycodone"


def published(session: Session, signal: Signal, kind: WarningKind, texts: dict[str, dict[str, str]]) -> None:
    author, second = seated(session), seated(session)
    draft = warnings.write(session, signal, by=author, kind=kind, texts=texts, language="en")
    warnings.publish(session, signal, by=second, written_at=draft.written_at)


@pytest.fixture
def corrected(session: Session) -> Signal:
    """A signal whose warning was corrected after a laboratory found what it is."""
    signal = opened(session, seated(session), level=SignalLevel.ALERT)
    service.set_title(session, signal, FIRST, by=seated(session), reason="So it was told.")
    published(session, signal, WarningKind.WARNING, {"en": {"do": "Do not use alone."}})
    found = {"en": {"title": FOUND, "do": "Do not use it."}, "fr": {"title": FRENCH, "do": "N’en prenez pas."}}
    published(session, signal, WarningKind.CORRECTION, found)
    session.commit()
    return signal


def test_a_correction_sets_the_title_of_page_list_feed_and_data(client: FlaskClient, corrected: Signal) -> None:
    slug = corrected.slug
    assert corrected.title == FOUND
    for address in (f"/signals/{slug}", "/signals", "/signals.atom"):
        assert FOUND in client.get(f"{address}?lang=en").text, address
        assert FRENCH in client.get(f"{address}?lang=fr").text, address
    page = client.get(f"/signals/{slug}?lang=en").text
    assert re.search(rf"<h1[^>]*>.*{FOUND}", page)
    for address in ("/signals", "/signals.atom"):
        assert f"{FIRST}<" not in client.get(f"{address}?lang=en").text, address
    assert client.get(f"/signals/{slug}.json?lang=en").json["title"] == FOUND  # type: ignore[index]
    assert client.get(f"/signals/{slug}.json?lang=fr").json["title"] == FRENCH  # type: ignore[index]


def test_pages_that_link_to_the_warning_have_its_title_in_the_language_of_the_reader(
    session: Session, client: FlaskClient, corrected: Signal
) -> None:
    """The consultation on the response, a warning that became part of it, and what is said under a substance."""
    consultation = factories.consultation(session)
    corrected.consultation_id = consultation.id
    other = opened(session, seated(session))
    service.merge(session, other, corrected, by=seated(session), reason="The same tablets.")
    session.commit()
    for address in (f"/c/{consultation.slug}", f"/signals/{other.slug}"):
        assert FRENCH in client.get(f"{address}?lang=fr").text, address
        assert FOUND in client.get(f"{address}?lang=es").text, address
    assert queries.name_signals(session, [corrected], "fr") == {corrected.id: FRENCH}


def test_earlier_titles_stay_in_the_history(client: FlaskClient, corrected: Signal) -> None:
    page = client.get(f"/signals/{corrected.slug}").text
    history = page[page.index("Earlier versions") :]
    assert f">{FIRST}</bdi>" in history
    assert f'Earlier title: <q dir="auto">{FIRST}</q>' in history


def test_the_ledger_commits_to_the_title_of_an_edition(session: Session, corrected: Signal) -> None:
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_CORRECTED)).one()
    assert entry.detail["title"] == FOUND
    first, last = reversed(warnings.list_editions(session, corrected.id))
    assert first.texts == {"en": {"title": FIRST, "sold_as": "", "signs": "", "do": "Do not use alone."}}
    assert entry.commitment == warnings.compute_commitment(last)


def test_letters_have_the_title_of_the_edition_in_the_language_of_their_reader(session: Session) -> None:
    for language in ("en", "fr"):
        account = factories.account(session, email=f"{language}@example.org", language=language)
        watchers.watch(session, account=account, wish=WatchFilter(least=SignalLevel.WATCH, language=language))
    signal = opened(session, seated(session), level=SignalLevel.ALERT)
    texts = {"en": {"title": FOUND, "do": "Do not use it."}, "fr": {"title": FRENCH, "do": "N’en prenez pas."}}
    published(session, signal, WarningKind.WARNING, texts)
    service.set_level(session, signal, SignalLevel.EMERGENCY, by=seated(session), reason="Two died.")
    subjects = [sent.subject for sent in letters(session)]
    assert sum(FOUND in subject for subject in subjects) == 2
    assert sum(FRENCH in subject for subject in subjects) == 2


def test_the_title_is_changed_at_triage_until_a_warning_is_out(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    signal = opened(session, me)
    before, number, slug = signal.title, signal.id, signal.slug
    client = sign_in(me)
    page = client.get(f"/review/signals/{slug}").text
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    sent = client.post(
        f"/review/signals/{slug}", data={"csrf_token": token, "do": "title", "title": FOUND, "reason": "A laboratory."}
    )
    assert sent.status_code == 303, sent.text
    session.expire_all()
    signal = session.get_one(Signal, number)
    assert signal.title == FOUND
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_TITLED)).one()
    assert (entry.detail["title"], entry.reason) == (FOUND, "A laboratory.")
    assert f'Earlier title: <q dir="auto">{before}</q>' in client.get(f"/signals/{slug}").text
    session.rollback()
    published(session, session.get_one(Signal, number), WarningKind.WARNING, {"en": {"do": "Do not use it."}})
    with pytest.raises(Refusal, match="A warning is published"):
        service.set_title(session, session.get_one(Signal, number), FIRST, by=seated(session), reason="x")


def test_who_publishes_a_correction_is_told_where_its_title_stays(session: Session, sign_in: SignIn) -> None:
    author = seated(session)
    signal = opened(session, author, level=SignalLevel.ALERT)
    published(session, signal, WarningKind.WARNING, {"en": {"do": "Do not use alone."}})
    warnings.write(
        session, signal, by=author, kind=WarningKind.CORRECTION, texts={"en": {"do": "Do not use it."}}, language="en"
    )
    session.commit()
    page = sign_in(seated(session)).get(f"/review/signals/{signal.slug}/publish").text
    assert "Edit it too if it is no longer true" in page
