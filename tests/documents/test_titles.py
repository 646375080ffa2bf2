"""Short titles of provisions: set by the owner, in every version, and shown in figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Refusal
from consult.digests.results import cache as results_cache
from consult.documents import titles
from consult.site import pack
from tests import factories
from tests.filing import comment, file

SignIn = Callable[..., Any]


def test_a_title_that_is_too_long_is_refused_and_an_empty_one_is_taken_off(session: Session) -> None:
    row = factories.consultation(session)
    titles.replace_titles(session, document_id=row.document_id, titles={"chp_2__para_1": "  Coverage   target "})
    assert titles.list_titles(session, row.document_id) == {"chp_2__para_1": "Coverage target"}
    with pytest.raises(Refusal):
        titles.replace_titles(session, document_id=row.document_id, titles={"chp_2__para_1": "x" * 31})
    titles.replace_titles(session, document_id=row.document_id, titles={"chp_2__para_1": " "})
    assert titles.list_titles(session, row.document_id) == {}


def test_an_owner_sets_titles_and_what_was_typed_is_kept_where_one_is_too_long(
    session: Session, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    owner = sign_in(session.get_one(Account, row.owner_id))
    address = f"/desk/consultations/{row.id}/titles"
    bad = owner.post(address, data={"title-chp_2__para_1": "y" * 31})
    assert bad.status_code == 422
    assert "at most 30 characters" in bad.text
    assert "y" * 31 in bad.text
    assert owner.post(address, data={"title-chp_2__para_1": "Coverage target"}).status_code == 303
    assert 'value="Coverage target"' in owner.get(address).text


def test_plain_words_are_set_beside_titles_and_read_in_the_pack_for_a_meeting(
    session: Session, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    owner = sign_in(session.get_one(Account, row.owner_id))
    address = f"/desk/consultations/{row.id}/titles"
    bad = owner.post(address, data={"plain-chp_2__para_1": "z" * 301})
    assert bad.status_code == 422
    assert "at most 300 characters" in bad.text
    assert "z" * 301 in bad.text
    assert owner.post(address, data={"plain-chp_2__para_1": "Enough clean needles for all."}).status_code == 303
    assert "Enough clean needles for all.</textarea>" in owner.get(address).text
    chosen = [node for node in pack.choose_paragraphs(session, row) if node.wid == "chp_2__para_1"]
    plain = titles.list_plain(session, row.document_id)
    said = [block.get("words") or block["text"] for block in pack._paragraphs(row, chosen, plain)]
    assert said[1] == "Enough clean needles for all."
    assert said[2].startswith("In the draft: ")
    titles.replace_plain(session, document_id=row.document_id, words={"chp_2__para_1": " "})
    assert titles.list_plain(session, row.document_id) == {}


def test_what_we_heard_names_a_paragraph_by_its_title_as_soon_as_it_is_set(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    for n in range(6):
        file(session, row, comment(session, row, f"Eighty per cent, says {n}.", "2.1"), person=f"P{n}", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    assert "Coverage target" not in client.get(f"/c/{row.slug}/said").text
    titles.replace_titles(session, document_id=row.document_id, titles={"chp_2__para_1": "Coverage target"})
    session.commit()
    page = client.get(f"/c/{row.slug}/said").text
    assert "2.1 Coverage target" in page
    assert "Raises a concern 6" in page
