"""An owner changes what is said of an organisation; what was filed, signed or shown is not changed with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation, OrganisationKind
from consult.accounts.organisations import profile as organisations_profile
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.submissions.coalitions import service as coalitions
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import NameRule, Stance, Submission
from tests import factories
from tests.filing import file

TYPED = {
    "name": "Red Andina",
    "kind": "network",
    "country": "PE",
    "website": "https://red.example/",
    "registry_number": "",
}


@pytest.fixture
def ana(session: Session) -> Account:
    return factories.account(session)


@pytest.fixture
def red(session: Session, ana: Account) -> Organisation:
    return organisations.create_organisation(
        session, founder=ana, name="Red Andina", kind=OrganisationKind.NETWORK, country="PE", website=None
    )


def edit(session: Session, by: Account, it: Organisation, **values: Any) -> Organisation:
    given = {"name": it.name, "kind": it.kind, "country": it.country, "website": it.website, "registry_number": None}
    return organisations_profile.edit(session, by=by, organisation_id=it.id, **{"known": False, **given, **values})


def test_an_owner_adds_the_website_that_was_missing(
    session: Session, ana: Account, red: Organisation, sign_in: Callable[..., FlaskClient]
) -> None:
    client, place = sign_in(ana), f"/org/{red.id}"
    assert f"{place}/edit" in client.get(place).text
    assert f"{place}/edit" in client.get(f"{place}/proof").text
    assert client.post(f"{place}/edit", data=TYPED | {"website": "red.example"}).status_code == 422
    page = client.post(f"{place}/edit", data=TYPED | {"country": "BO"}, follow_redirects=True).text
    for shown in ("Organisation updated.", "https://red.example/", "Bolivia"):
        assert shown in page
    assert "consult-proof=" in client.get(f"{place}/proof").text


def test_what_was_filed_keeps_its_name_through_a_rename_and_the_kind_stays(
    session: Session, ana: Account, red: Organisation, sign_in: Callable[..., FlaskClient]
) -> None:
    client, place, row = sign_in(ana), f"/org/{red.id}/edit", factories.consultation(session)
    changed = TYPED | {"name": "Red de los Andes", "kind": "ngo"}
    assert client.post(place, data=changed).status_code == 303
    session.expire_all()
    assert (red.name, red.kind) == ("Red de los Andes", "ngo")
    sent = file(session, row, "Our words.", organisation="Red de los Andes", published=True)
    sent.organisation_id = red.id
    session.commit()
    page = client.get(place).text
    assert 'name="kind"' not in page
    assert "You cannot change the type." in page
    assert client.post(place, data=TYPED | {"name": "Red del Sur", "country": "BO"}).status_code == 303
    session.expire_all()
    assert (red.name, red.kind, red.country) == ("Red del Sur", "ngo", "BO")
    assert session.get_one(Submission, sent.id).organisation_name == "Red de los Andes"
    shown = client.get(f"/c/{row.slug}/comments/{sent.reference}").text
    assert "Red de los Andes" in shown
    assert "Red del Sur" not in shown
    with pytest.raises(Refusal, match="You cannot change the type"):
        edit(session, ana, red, known=True, kind=OrganisationKind.FAITH)


def test_what_an_organisation_has_signed_keeps_its_name_too(
    session: Session, ana: Account, red: Organisation, sign_in: Callable[..., FlaskClient]
) -> None:
    it = factories.consultation(session)
    sent = file(session, it, "Their words.", organisation="Others", published=True)
    signature = coalitions.invite(session, submission=sent, name=red.name)
    edit(session, ana, red, name="Red de los Andes")
    assert [one.name for one in coalitions.list_cosigners(session, sent.id)] == ["Red de los Andes"], (
        "it has not signed yet"
    )
    coalitions.confirm(session, by=ana, signature_id=signature.id)
    client = sign_in(ana)
    assert client.post(f"/org/{red.id}/edit", data=TYPED | {"name": "Red del Sur"}).status_code == 303
    shown = client.get(f"/c/{it.slug}/comments/{sent.reference}").text
    told = "".join(coalitions.mandate_csv(session, sent))
    for words in (shown, told):
        assert "Red de los Andes" in words
        assert "Red del Sur" not in words


def test_a_draft_that_names_the_organisation_by_its_old_name_asks_once_more_who_speaks(
    session: Session, ana: Account, red: Organisation
) -> None:
    it, owner = factories.consultation(session), DraftOwner(ana.id)
    comment = DraftComment("Sixty is low.", Stance.CONCERN)
    drafts.save_comment(session, consultation_id=it.id, owner=owner, provision_id=WHOLE_DRAFT, comment=comment, seen="")
    about = DraftSubmitter(NameRule.ORGANISATION, red.id, organisation_name="Red Andina", language="en")
    drafts.save_submitter(session, consultation_id=it.id, owner=owner, about=about)
    edit(session, ana, red, name="Red del Sur")

    def send() -> Submission:
        held = drafts.get_draft(session, consultation_id=it.id, owner=owner)
        return drafts.send(session, consultation=it, owner=owner, key=held.key, mark=held.mark, reads="en")

    with pytest.raises(Conflict, match="now called “Red del Sur”"):
        send()
    drafts.save_submitter(
        session, consultation_id=it.id, owner=owner, about=replace(about, organisation_name="Red del Sur")
    )
    assert send().public_name == "Red del Sur"


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ({"country": "BO", "kind": OrganisationKind.NGO}, True),
        ({"website": "http://www.red.example/about"}, True),
        ({"website": "https://blue.example/"}, False),
        ({"website": None}, False),
        ({"name": "World Health Organization"}, False),
    ],
)
def test_a_proof_ends_with_the_name_or_the_domain_that_it_was_of(
    session: Session, ana: Account, red: Organisation, values: dict[str, Any], stays: bool
) -> None:
    red.website, red.proven_domain, red.proven_at = "https://red.example/", "red.example", now()
    edit(session, ana, red, **values)
    assert (red.proven_domain, red.proven_at is not None) == (("red.example", True) if stays else (None, False))


def test_no_organisation_takes_the_name_of_another(session: Session, ana: Account, red: Organisation) -> None:
    other = organisations.create_organisation(
        session, founder=ana, name="Blue", kind=OrganisationKind.NGO, country="PE", website=None
    )
    with pytest.raises(Conflict, match="already"):
        edit(session, ana, other, name="RED-Andina")
    assert edit(session, ana, red, name="RED Andina").name == "RED Andina"


def test_only_an_owner_changes_an_organisation(
    session: Session, red: Organisation, sign_in: Callable[..., FlaskClient]
) -> None:
    member, stranger = factories.account(session), factories.account(session)
    organisations.add_member(session, organisation_id=red.id, account_id=member.id)
    for person, status, why in ((member, 403, Forbidden), (stranger, 404, NotFound)):
        with pytest.raises(why):
            edit(session, person, red, country="BO")
        client = sign_in(person)
        assert client.get(f"/org/{red.id}/edit").status_code == status
        assert client.post(f"/org/{red.id}/edit", data=TYPED).status_code == status
    assert f"/org/{red.id}/edit" not in sign_in(member).get(f"/org/{red.id}").text
