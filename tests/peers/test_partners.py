"""Partners: only signed, complete and newer lists are kept; what is foreign is shown as foreign and never counted."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.web.access import Role
from consult.peers import answers, keys, queries, received, service, shared
from consult.peers.model import ItemKind, Peer, PeerItem, PeerState
from tests import factories, filing

ADDRESS = "https://partner.example/"
SignIn = Callable[[Any], FlaskClient]


class Partner:
    """An installation that answers in place of the network. Its records are those of this site, under its address."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.records: list[dict[str, Any]] = [record("consultation:plan", "consultation")]
        self.position, self.away, self.requests = 1, False, 0
        self.broken: Callable[[bytes], bytes] = lambda body: body

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def write(self) -> bytes:
        texts = [shared._write(each) for each in self.records]
        digests = {shared.sha256(text.encode()).hexdigest(): text for text in texts}
        listed = shared._write(
            {"v": 1, "installation": "a-partner", "as_of": self.position, "records": sorted(digests)}
        )
        signature = shared.b64encode(self.private.sign(listed.encode())).decode()
        return json.dumps({"list": listed, "signature": signature, "records": digests}).encode()

    def get(self, address: str, etag: str = "", most: int = 0) -> answers.Answer:
        if self.away:
            raise OSError("away")
        assert address.startswith(ADDRESS)
        if address.endswith("consult.json"):
            public = shared.b64encode(self.public).decode()
            told = {"name": "The Andean observatory", "installation": "a-partner", "keys": [{"public": public}]}
            return answers.Answer(200, json.dumps(told).encode(), "")
        self.requests += 1
        body = self.write()
        tag = shared.sha256(body).hexdigest()
        return answers.Answer(304, b"", etag) if tag == etag else answers.Answer(200, self.broken(body), tag)


def record(name: str, kind: str, **values: Any) -> dict[str, Any]:
    given = {"id": name, "kind": kind, "title": f"Title of {name}", "language": "en", "text": "A summary",
             "url": f"{ADDRESS}{name}"}  # fmt: skip
    if kind == "warning":
        given |= {"state": "open", "level": "alert", "country": "EC",
                  "warning": {"kind": "warning", "title": "A title", "do": "Do not use it alone."}}  # fmt: skip
    return {**given, **values}


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, role=Role.ADMIN)


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Partner:
    made = Partner()
    monkeypatch.setattr(answers, "get", made.get)
    return made


@pytest.fixture
def peer(session: Session, admin: Account, partner: Partner) -> int:
    row = service.add(session, admin, address=ADDRESS, takes=list(map(str, ItemKind)), every_minutes=5)
    service.confirm(session, admin, row)
    session.commit()
    return row.id


def take(session: Session, peer: int) -> PeerState:
    """Fetch now."""
    state = service.fetch(peer)
    assert state is not None
    assert session.get_one(Peer, peer).state is state
    return state


def items(session: Session) -> dict[str, PeerItem]:
    return {row.name: row for row in session.scalars(select(PeerItem))}


def test_nothing_is_fetched_until_the_key_is_confirmed(session: Session, admin: Account, partner: Partner) -> None:
    row = service.add(session, admin, address=ADDRESS, takes=["warning"], every_minutes=5)
    session.commit()
    number = row.id
    assert service.list_due(session) == []
    assert service.fetch(number) is None
    assert partner.requests == 0
    service.confirm(session, session.merge(admin), service.get_peer(session, number))
    session.commit()
    assert service.list_due(session) == [number]
    admin = session.merge(admin)
    with pytest.raises(Conflict):
        service.add(session, admin, address="https://partner.example", takes=["warning"], every_minutes=5)


def test_a_record_is_taken_once_and_an_unchanged_list_is_not_sent_again(
    session: Session, partner: Partner, peer: int
) -> None:
    for _each in range(3):
        assert take(session, peer) is PeerState.OK
    assert list(items(session)) == ["consultation:plan"]
    assert partner.get(f"{ADDRESS}shared.json", session.get_one(Peer, peer).etag).status == 304
    assert service.list_due(session) == []
    assert session.get_one(Peer, peer).next_at > now()


def test_one_changed_byte_is_found_in_each_of_a_hundred_lists(session: Session, partner: Partner, peer: int) -> None:
    partner.records += [record(f"signal:{n}", "warning") for n in range(3)]
    whole = partner.write()
    chance = random.Random(36)
    found = 0
    for _each in range(100):
        place = chance.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        try:
            if json.loads(bytes(changed)) == json.loads(whole):
                found += 1  # the same content
                continue
        except ValueError:
            pass
        with pytest.raises(received.ListRefused):
            received.read_list(bytes(changed), key=partner.public, installation="a-partner", address=ADDRESS)
        found += 1
    assert found == 100
    partner.broken = lambda body: body.replace(b"Do not use it alone", b"Go on and use alone")
    assert take(session, peer) is PeerState.REFUSED
    assert items(session) == {}


def test_a_correction_and_a_retraction_follow_at_the_next_fetch(
    session: Session, client: FlaskClient, partner: Partner, peer: int
) -> None:
    partner.records = [record("signal:x", "warning")]
    take(session, peer)
    page = client.get("/peers").text
    assert "From The Andean observatory" in page
    assert "Do not use it alone." in page
    for language in ("ar", "fr", "es"):
        assert "The Andean observatory" in client.get(f"/peers?lang={language}").text
    client.get("/peers?lang=en")
    partner.position, partner.records[0]["warning"]["kind"] = 2, "correction"
    take(session, peer)
    assert "Corrected" in client.get("/peers").text
    partner.position, partner.records[0]["state"] = 3, "retracted"
    take(session, peer)
    page = client.get("/peers").text
    assert "The warning was wrong and has been retracted." in page
    assert "Do not use it alone." not in page


def test_an_earlier_list_cannot_take_a_retraction_back(session: Session, partner: Partner, peer: int) -> None:
    partner.records, partner.position = [record("signal:x", "warning", state="retracted")], 5
    take(session, peer)
    partner.records, partner.position = [record("signal:x", "warning")], 4
    assert take(session, peer) is PeerState.REFUSED
    assert items(session)["signal:x"].record["state"] == "retracted"


def test_what_is_no_longer_listed_is_marked_and_comes_back(session: Session, partner: Partner, peer: int) -> None:
    take(session, peer)
    kept, partner.records = partner.records, []
    take(session, peer)
    assert items(session)["consultation:plan"].gone_at is not None
    partner.records = kept
    take(session, peer)
    assert items(session)["consultation:plan"].gone_at is None


def test_a_partner_that_is_away_loses_nothing(session: Session, partner: Partner, peer: int) -> None:
    partner.away = True
    assert take(session, peer) is PeerState.QUIET
    partner.away, partner.records = False, [record(f"signal:{n}", "warning") for n in range(40)]
    assert take(session, peer) is PeerState.OK
    assert len(items(session)) == 40


def test_another_key_stops_a_partner(session: Session, partner: Partner, peer: int) -> None:
    partner.private = Ed25519PrivateKey.generate()
    assert take(session, peer) is PeerState.KEY_CHANGED
    assert service.fetch(peer) is None
    assert service.list_due(session) == []


BAD: dict[str, dict[str, Any]] = {
    "another site's address": {"url": "https://elsewhere.example/x"},
    "a script": {"url": "javascript:alert(1)"},
    "a kind that does not exist": {"kind": "decision"},
    "no title": {"title": " "},
    "a long title": {"title": "x" * 501},
    "a large record": {"more": "x" * 70_000},
    "a time without zone": {"opens_at": "2026-01-01T00:00:00"},
    "no time": {"closes_at": "soon"},
    "a language": {"language": '"><script>'},
    "a name": {"id": "person:1"},
}


@pytest.mark.parametrize("values", BAD.values(), ids=BAD)
def test_a_record_that_is_not_valid_is_refused(
    session: Session, partner: Partner, peer: int, values: dict[str, Any]
) -> None:
    partner.records = [{**record("consultation:plan", "consultation"), **values}]
    assert take(session, peer) is PeerState.REFUSED
    assert items(session) == {}


def test_the_list_of_consultations_links_to_partners_that_exist(
    session: Session, client: FlaskClient, partner: Partner, admin: Account
) -> None:
    row = service.add(session, admin, address=ADDRESS, takes=["warning"], every_minutes=5)
    session.commit()
    assert 'href="/peers"' not in client.get("/consultations?phase=open").text
    service.confirm(session, session.merge(admin), service.get_peer(session, row.id))
    session.commit()
    assert 'href="/peers"' in client.get("/consultations?phase=closed").text


def test_markup_in_a_title_is_shown_as_text(session: Session, client: FlaskClient, partner: Partner, peer: int) -> None:
    partner.records = [record("consultation:x", "consultation", title="<img src=x onerror=alert(1)>")]
    take(session, peer)
    assert "<img src=x" not in client.get("/peers").text


def test_foreign_records_are_in_no_list_and_no_count_of_this_site(
    session: Session, client: FlaskClient, partner: Partner, peer: int
) -> None:
    paths = ("/api/v1/consultations", "/api/v1/signals", "/api/v1/case-studies", "/", "/consultations", "/signals",
             "/shared.json", "/catalog.jsonld", "/search?q=Title", "/sitemap/pages-1.xml")  # fmt: skip
    keys.ensure_key(session)
    partner.records = [record("signal:x", "warning"), record("case-study:y", "case_study"), *partner.records]
    assert take(session, peer) is PeerState.OK
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "partner.example" not in answer.text
        assert "Title of" not in answer.text
    assert session.scalar(select(func.count()).select_from(Consultation)) == 0


def test_only_chosen_kinds_are_taken(session: Session, partner: Partner, peer: int) -> None:
    session.execute(update(Peer).values(takes=["warning"]))
    session.commit()
    partner.records.append(record("signal:x", "warning"))
    take(session, peer)
    assert set(items(session)) == {"signal:x"}


@pytest.mark.parametrize(
    "address",
    ["http://partner.example", "https://10.0.0.1", "https://[fd00::1]/", "https://169.254.169.254/", "file:///etc",
     "https://user:pass@partner.example", "https://partner.example/?x"],
)  # fmt: skip
def test_an_address_that_is_private_or_not_https_is_refused(session: Session, address: str) -> None:
    with pytest.raises(Refusal):
        service.clean_address(address)


def test_what_this_site_shares_is_signed_by_its_own_key_and_has_no_words_of_people(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session, title="Plan on alternatives")
    factories.consultation(session, phase="draft", title="Not yet public")
    filing.file(session, row, "Words of a person", published=True)
    filing.numbered(session)
    assert client.get("/shared.json").status_code == 404
    keys.ensure_key(session)
    keys.ensure_key(session)
    session.commit()
    told = client.get("/.well-known/consult.json").json
    public = service.b64decode(told["keys"][0]["public"])
    answer = client.get("/shared.json")
    address = told["shared"].removesuffix("shared.json")
    found = received.read_list(answer.data, key=public, installation=told["installation"], address=address)
    assert [one["title"] for one, _digest in found.records.values()] == ["Plan on alternatives"]
    assert "Words of a person" not in answer.text
    assert "Not yet public" not in answer.text
    assert client.get("/shared.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_administrator_adds_confirms_and_removes_a_partner(
    session: Session, admin: Account, sign_in: SignIn, partner: Partner
) -> None:
    browser = sign_in(admin)
    form = {"address": ADDRESS, "takes": ["warning"], "minutes": "5"}
    assert browser.post("/desk/site/peers", data=form).status_code == 303
    number = session.scalars(select(Peer.id)).one()
    page = browser.get("/desk/site/peers").text
    assert keys.write_fingerprint(partner.public) in page
    browser.post(f"/desk/site/peers/{number}", data={"do": "confirm"})
    assert session.scalars(select(Peer.state)).one() is PeerState.OK
    refused = browser.post("/desk/site/peers", data={**form, "address": "https://10.1.1.1/"})
    assert refused.status_code == 422
    assert "private network" in refused.text
    browser.post(f"/desk/site/peers/{number}", data={"do": "remove"})
    assert session.scalars(select(Peer)).all() == []
    assert queries.list_peers(session) == []


def test_records_with_the_same_name_are_refused(partner: Partner) -> None:
    twice = copy.deepcopy(partner.records[0])
    partner.records.append({**twice, "title": "Another"})
    with pytest.raises(received.ListRefused, match="twice"):
        received.read_list(partner.write(), key=partner.public, installation="a-partner", address=ADDRESS)
