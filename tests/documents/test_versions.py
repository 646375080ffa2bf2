"""A document gets its next version: mapped, corrected by hand, published with its permanent ids."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.documents import queries, service
from consult.documents.model import Provision, ProvisionChange, ProvisionLink, Version
from tests.counting import statements

FIRST = """# Plan

## 1 Aims

1.1 The Plan protects the health of people who use drugs.

1.2 Each State shall report once a year on what it did.

## 2 Money

2.1 The fund has two accounts and is audited by an independent body every year.
"""
SECOND = FIRST.replace("1.2 Each", "1.2 Civil society is heard.\n\n1.3 Each").replace("once a year", "every six months")
THIRD = SECOND.replace("1.2 Civil society is heard.\n\n1.3", "1.2")


@pytest.fixture
def first(session: Session) -> Version:
    version = service.create(session, title="Plan", language="en")
    service.replace_text(session, version_id=version.id, text=FIRST)
    return service.publish(session, version_id=version.id, consultation_id=None, actor=None)


def prepare(session: Session, first: Version, text: str) -> Version:
    service.begin_next(session, document_id=first.document_id, text=text)
    version = queries.get_latest(session, first.document_id)
    assert version is not None
    return version


def publish(session: Session, version: Version) -> dict[str, str]:
    """Publishes a version; gives its permanent ids by number."""
    service.publish(session, version_id=version.id, consultation_id=None, actor=None)
    session.flush()
    session.expire_all()
    return {row.number: row.wid for row in queries.list_provisions(session, version.id)}


def changes(session: Session, version: Version) -> list[ProvisionChange]:
    return [line.change for line in queries.get_map(session, version.id)]


def test_the_next_version_is_mapped_and_its_permanent_ids_follow_the_words(session: Session, first: Version) -> None:
    second = prepare(session, first, SECOND)
    assert (second.number, second.published_at) == (2, None)
    assert [change.value for change in changes(session, second)] == [
        "unchanged", "unchanged", "new", "edited", "unchanged", "unchanged",
    ]  # fmt: skip
    assert publish(session, second) == {
        "1": "chp_1", "1.1": "chp_1__para_1", "1.2": "chp_1__para_2-v2", "1.3": "chp_1__para_2", "2": "chp_2",
        "2.1": "chp_2__para_1",
    }  # fmt: skip


def test_a_permanent_id_that_went_is_not_given_to_another_provision(session: Session, first: Version) -> None:
    publish(session, prepare(session, first, SECOND))
    assert publish(session, prepare(session, first, THIRD))["1.2"] == "chp_1__para_2"
    fourth = publish(session, prepare(session, first, SECOND))
    assert fourth["1.2"] == "chp_1__para_2-v4"
    used = session.scalars(select(Provision.wid).where(Provision.number == "1.2")).all()
    assert sorted(used) == ["chp_1__para_2", "chp_1__para_2", "chp_1__para_2-v2", "chp_1__para_2-v4"]


def test_a_person_corrects_the_map_and_the_ids_follow(session: Session, first: Version) -> None:
    second = prepare(session, first, SECOND.replace("2.1 The fund has two accounts and is", "2.1 Donors give; it is"))
    old = {row.number: row.id for row in queries.list_provisions(session, first.id)}
    new = {row.number: row.id for row in queries.list_provisions(session, second.id)}
    service.correct_map(session, version_id=second.id, after_id=new["1.2"], before_ids=[old["2.1"]])
    service.correct_map(session, version_id=second.id, after_id=new["2.1"], before_ids=[])
    assert changes(session, second).count(ProvisionChange.MOVED) == 1
    ids = publish(session, second)
    assert (ids["1.2"], ids["2.1"]) == ("chp_2__para_1", "chp_2__para_1-v2")
    with pytest.raises(service.VersionFrozen):
        service.correct_map(session, version_id=second.id, after_id=new["2.1"], before_ids=[])


def test_a_provision_of_another_draft_is_not_taken_into_the_map(session: Session, first: Version) -> None:
    second = prepare(session, first, SECOND)
    new = queries.list_provisions(session, second.id)[0].id
    with pytest.raises(service.NotFound):
        service.correct_map(session, version_id=second.id, after_id=new, before_ids=[new])


def test_the_text_of_the_next_version_may_be_given_again_or_dropped(session: Session, first: Version) -> None:
    second = prepare(session, first, SECOND)
    assert prepare(session, first, FIRST).id == second.id
    assert set(changes(session, second)) == {ProvisionChange.UNCHANGED}
    service.discard_next(session, document_id=first.document_id)
    service.discard_next(session, document_id=first.document_id)
    assert queries.get_latest(session, first.document_id) == first
    assert session.scalars(select(ProvisionLink)).all() == []


def test_two_versions_that_do_not_follow_each_other_are_compared(session: Session, first: Version) -> None:
    for text in (SECOND, THIRD):
        publish(session, prepare(session, first, text))
    versions = queries.list_published_versions(session, first.document_id)
    with statements() as sent:
        lines = queries.get_map_between(session, versions[0], versions[2])
    assert [line.change.value for line in lines] == [
        "unchanged", "unchanged", "edited", "unchanged", "unchanged",
    ]  # fmt: skip
    assert len(sent) == 4
