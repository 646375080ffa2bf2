"""Campaign letters: one decision for the copies, later copies follow it, and additions are read by people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.analysis.model import Campaign
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger import service as ledger
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import queries as bulk_queries
from consult.moderation.bulk import service as bulk
from consult.moderation.model import BatchProgress, Decision, DecisionOutcome, Queue, QueueEntry
from consult.moderation.queue import queries as queue_queries
from consult.moderation.service import ModerationVerdict
from consult.submissions import queries as submissions_queries
from consult.submissions.model import NameRule, Stance, State, Submission
from tests import factories
from tests.accounts.letters import letters
from tests.filing import numbered
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]
LETTER = (
    "We ask the States to raise the share of people who are reached by services to eighty per cent. "
    "Sixty per cent leaves two of five people without help. The money is there, and the need is known. "
    "Every year of delay costs lives that could have been saved with what we know today."
)
ADDED = " My own brother waited for eleven months in our town before anybody called him back."
PUBLISH = ModerationVerdict(DecisionOutcome.PUBLISH)
WITHHOLD = ModerationVerdict(DecisionOutcome.WITHHOLD, Reason.OFF_TOPIC)


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def colleague(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def analysed(session: Session, consultation: Consultation) -> None:
    """As the clock and the workers do it: the docket and the analysis follow the ledger."""
    until = numbered(session)
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=until)
    analysis.compare(session, consultation_id=consultation.id)
    while queue.FOLLOWER.follow_site(session):
        pass
    session.commit()


def sent(
    session: Session, many: int, *, consultation: Consultation | None = None, added: int = 0, **by: object
) -> tuple[Consultation, list[Submission]]:
    """So many copies of the letter, and after them some that add a sentence."""
    consultation = consultation or factories.consultation(session)
    rows = [filed(session, consultation=consultation, body=LETTER, **by) for _number in range(many)]
    rows += [filed(session, consultation=consultation, body=LETTER + ADDED, **by) for _number in range(added)]
    analysed(session, consultation)
    return consultation, rows


def number_of(session: Session, consultation: Consultation) -> int:
    return session.scalars(select(Campaign.id).where(Campaign.consultation_id == consultation.id)).one()


def test_one_decision_is_for_all_copies_and_additions_wait_for_a_person(session: Session, moderator: Account) -> None:
    consultation, rows = sent(session, 8, added=2)
    number = number_of(session, consultation)
    (listed,) = bulk_campaigns.list_waiting_letters(session)
    assert (listed.letter.id, listed.copies) == (number, 8)
    case = bulk_campaigns.get_letter_case(session, number)
    assert case.copies == 8
    beside = queue_queries.list_additions(session, moderator, number).items
    assert [row.id for row in beside] == [row.id for row in rows[8:]]  # each is decided by itself
    said = bulk_campaigns.list_added_words(session, consultation.id, [row.id for row in beside])
    assert list(said.values()) == [[ADDED.strip()]] * 2
    batch = bulk_campaigns.decide(session, moderator=moderator, campaign_id=number, verdict=PUBLISH)
    assert batch.progress is BatchProgress.DUE
    half_a_minute_later(session)
    assert [row.state for row in rows] == [State.PUBLISHED] * 8 + [State.PENDING] * 2
    assert ledger.list_history(session, subject_id=rows[0].id)[-1].detail["letter"] is True
    submissions_queries.audit(session, consultation.id)


def test_who_reads_a_letter_with_an_addition_is_shown_what_it_adds(
    session: Session, sign_in: SignIn, moderator: Account
) -> None:
    """The whole letter need not be read anew for each: what is new in it stands above it."""
    _consultation, rows = sent(session, 8, added=1)
    browser = sign_in(moderator)
    page = browser.get(f"/review/{rows[-1].id}").text
    above, letter = page.split('<div class="read">')[1].split('data-comment="')
    assert f'<mark class="added">{ADDED.strip()}</mark>' in letter  # and is marked in it
    assert "Words added to the campaign letter" in above
    assert ADDED.strip() in above.split("Words added to the campaign letter")[1]
    assert "leaves two of five people" not in above
    assert "Words added to the campaign letter" not in browser.get(f"/review/{rows[0].id}").text


def test_a_second_reader_sees_copies_with_other_names_once(
    session: Session, sign_in: SignIn, moderator: Account, colleague: Account
) -> None:
    consultation = factories.consultation(session)
    names = ["Jane Roe", "Ilse Brandt", "Marta Lindqvist", "Omar Haddad", "Piotr Nowak", "Ana Ruiz"]
    signed = [f"{LETTER}\n\nSincerely,\n{name}" for name in names]
    rows = [filed(session, consultation=consultation, body=body) for body in [LETTER] * 20 + signed]
    analysed(session, consultation)
    number = number_of(session, consultation)
    batch = bulk_campaigns.decide(session, moderator=moderator, campaign_id=number, verdict=PUBLISH)
    session.commit()
    (part,) = bulk_queries.get_batch_report(session, batch.id, for_whom=colleague).parts
    assert (part.id, part.copies) == (rows[0].id, 26)
    assert [name for name in names if name in part.other_lines] == names
    page = sign_in(colleague).get(f"/review/batches/{batch.id}").text
    assert "1 distinct text" in page
    assert "26 submissions have this text" in page
    assert "Omar Haddad" in page


def test_a_second_reader_sees_other_words_apart(session: Session, moderator: Account, colleague: Account) -> None:
    consultation = factories.consultation(session)
    bodies = [f"Fund clinic number {number}.\nSincerely,\nJane Roe" for number in range(3)]
    rows = [filed(session, consultation=consultation, body=body) for body in bodies]
    analysed(session, consultation)
    items = [(row.id, row.revision) for row in rows]
    batch = bulk.propose(session, moderator=moderator, items=items, verdict=PUBLISH, second_reader=True)
    parts = bulk_queries.get_batch_report(session, batch.id, for_whom=colleague).parts
    assert [(part.words, part.copies, part.other_lines) for part in parts] == [(body, 1, []) for body in bodies]


def test_later_copies_follow_and_say_so_and_later_additions_do_not(session: Session, moderator: Account) -> None:
    consultation, _rows = sent(session, 8)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=PUBLISH)
    half_a_minute_later(session)
    _same, late = sent(session, 2, consultation=consultation, added=1, email="rosa@example.org")
    assert bulk_campaigns.decide_later_copies(session) == 2
    assert bulk_campaigns.decide_later_copies(session) == 0
    session.expire_all()
    assert [row.state for row in late] == [State.PUBLISHED, State.PUBLISHED, State.PENDING]
    assert ledger.list_history(session, subject_id=late[0].id)[-1].detail["letter"] is True
    assert "Many people sent this text" in letters(session)[-1].text
    submissions_queries.audit(session, consultation.id)


def test_what_says_a_little_else_is_no_copy(session: Session, moderator: Account) -> None:
    consultation, _rows = sent(session, 8)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=WITHHOLD)
    half_a_minute_later(session)
    words = LETTER.replace("The money is there", "The money is not there")
    turned = filed(session, consultation=consultation, body=words)
    analysed(session, consultation)
    bulk_campaigns.decide_later_copies(session)
    assert turned.state is State.PENDING


def test_nothing_follows_before_a_second_person_agrees(
    session: Session, moderator: Account, colleague: Account
) -> None:
    consultation, rows = sent(session, 21)
    number = number_of(session, consultation)
    batch = bulk_campaigns.decide(session, moderator=moderator, campaign_id=number, verdict=WITHHOLD)
    assert batch.progress is BatchProgress.SECOND_READER
    half_a_minute_later(session)
    assert bulk_campaigns.decide_later_copies(session) == 0
    assert not bulk_campaigns.get_letter_case(session, number).following
    bulk.confirm(session, second=colleague, batch_id=batch.id)
    assert bulk_campaigns.decide_later_copies(session) == 0  # it can still be taken back
    half_a_minute_later(session)
    assert {row.state for row in rows} == {State.WITHHELD}
    assert bulk_campaigns.get_letter_case(session, number).following


def test_taken_back_no_copy_follows(session: Session, moderator: Account) -> None:
    consultation, rows = sent(session, 8)
    batch = bulk_campaigns.decide(
        session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=PUBLISH
    )
    bulk.undo_batch(session, moderator=moderator, batch_id=batch.id)
    half_a_minute_later(session)
    sent(session, 1, consultation=consultation)
    assert bulk_campaigns.decide_later_copies(session) == 0
    assert {row.state for row in rows} == {State.PENDING}
    assert {row.queue for row in session.scalars(select(QueueEntry))} == {Queue.SAME}


def test_a_new_decision_on_the_letter_ends_the_one_before(session: Session, moderator: Account) -> None:
    consultation, _rows = sent(session, 8)
    number = number_of(session, consultation)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number, verdict=PUBLISH)
    half_a_minute_later(session)
    sent(session, 1, consultation=consultation)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number, verdict=WITHHOLD)
    half_a_minute_later(session)
    _same, late = sent(session, 1, consultation=consultation)
    bulk_campaigns.decide_later_copies(session)
    session.expire_all()
    assert late[0].state is State.WITHHELD


def test_later_copies_of_organisations_and_of_who_decided_are_read_by_people(
    session: Session, moderator: Account
) -> None:
    consultation, _rows = sent(session, 8)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=WITHHOLD)
    half_a_minute_later(session)
    net = {"name_rule": NameRule.ORGANISATION, "organisation_name": "Harbour Net"}
    organisation = filed(session, consultation=consultation, body=LETTER, **net)
    mine = filed(session, consultation=consultation, body=LETTER, account_id=moderator.id)
    plain = filed(session, consultation=consultation, body=LETTER)
    analysed(session, consultation)
    assert bulk_campaigns.decide_later_copies(session) == 1
    session.expire_all()
    assert [organisation.state, mine.state, plain.state] == [State.PENDING, State.PENDING, State.WITHHELD]
    assert session.scalars(select(Decision).where(Decision.submission_id == plain.id)).one().reason == "off_topic"


def test_a_later_copy_from_another_spelling_of_the_decider_s_mailbox_holds_up_no_other(session: Session) -> None:
    amara = factories.account(session, Role.MODERATOR, email="amaran@gmail.com")
    consultation, _rows = sent(session, 8)
    bulk_campaigns.decide(session, moderator=amara, campaign_id=number_of(session, consultation), verdict=WITHHOLD)
    half_a_minute_later(session)
    mine = filed(session, consultation=consultation, body=LETTER, email="a.maran+x@gmail.com")
    plain = filed(session, consultation=consultation, body=LETTER)
    analysed(session, consultation)
    assert bulk_campaigns.decide_later_copies(session, most=1) == 1
    session.expire_all()
    assert [mine.state, plain.state] == [State.PENDING, State.WITHHELD]


def test_a_letter_that_is_none_is_not_found(session: Session, moderator: Account) -> None:
    with pytest.raises(NotFound):
        bulk_campaigns.decide(session, moderator=moderator, campaign_id=77, verdict=PUBLISH)
    with pytest.raises(NotFound):
        bulk_campaigns.get_letter_case(session, 77)


def test_on_the_pages_the_letter_is_read_once_with_its_senders_and_additions(
    sign_in: SignIn, session: Session, moderator: Account
) -> None:
    consultation, rows = sent(session, 8, added=1)
    number, references = number_of(session, consultation), [row.reference for row in rows]
    browser = sign_in(moderator)
    listed = browser.get("/review/campaigns").text
    assert f"/review/campaigns/{number}" in listed
    page = browser.get(f"/review/campaigns/{number}").text
    assert page.count("Sixty per cent leaves two of five people") == 1
    assert "eleven months" in page
    assert references[-1] in page
    turned = LETTER.replace("The money is there", "The money is not there")
    against = filed(session, consultation=consultation, body=turned)
    analysed(session, consultation)
    page = browser.get(f"/review/campaigns/{number}").text
    assert "the opposite" not in page  # no suggestion of software is shown
    assert against.reference in page
    assert references[0] not in page  # a copy is decided with the letter
    for one in (against, rows[0]):
        item = browser.get(f"/review/{one.id}").text
        assert f"/review/campaigns/{number}" in item
        assert "the opposite" not in item
    answer = browser.post(f"/review/campaigns/{number}", data=pressed(page, ("outcome", "publish")))
    assert answer.status_code == 303
    half_a_minute_later(session)
    assert rows[0].state is State.PUBLISHED
    assert "Later copies get the same decision" in browser.get(f"/review/campaigns/{number}").text
    assert browser.get("/review/campaigns/999").status_code == 404


def test_stances_of_copies_are_their_own(session: Session, moderator: Account) -> None:
    """The same words under another stance are a copy of the letter still: it is the words that were read."""
    consultation, _rows = sent(session, 8)
    other = filed(session, consultation=consultation, body=LETTER, stance=Stance.SUPPORT)
    analysed(session, consultation)
    bulk_campaigns.decide(session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=PUBLISH)
    half_a_minute_later(session)
    assert other.state is State.PUBLISHED


def test_a_second_reader_reads_how_many_more_copies_their_answer_decides(
    session: Session, moderator: Account, colleague: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 21)
    consultation, rows = sent(session, 24)
    batch = bulk_campaigns.decide(
        session, moderator=moderator, campaign_id=number_of(session, consultation), verdict=PUBLISH
    )
    session.commit()
    address = f"/review/batches/{batch.id}"
    assert "3 more copies and all later copies" in sign_in(colleague).get(address).text
    bulk.confirm(session, second=colleague, batch_id=batch.id)
    half_a_minute_later(session)
    assert bulk_campaigns.decide_later_copies(session) == 3
    session.commit()
    session.expire_all()
    assert {row.state for row in rows} == {State.PUBLISHED}
    page = sign_in(colleague).get(address).text
    assert "Later copies with the same decision" in page
    assert "and all later copies" not in page
