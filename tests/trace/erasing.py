"""A submission with a canary in every field, taken through everything that can happen to it before it is erased."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import service as arguments
from consult.arguments.model import Claim
from consult.arguments.objections import service as objections
from consult.consultations.model import Consultation, Question
from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.web.access import Role
from consult.decisions.model import AppealOutcome, Reason, ReportKind, ReportOutcome
from consult.digests import service as digests
from consult.digests.count_queries import FOLLOWER as HEARD
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Digest
from consult.digests.results import cache as results_cache
from consult.files import service as files
from consult.mail import drain
from consult.moderation import service as moderation
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.recourse import appeals, reports
from consult.moderation.service import ModerationVerdict
from consult.moderation.statistics import service as statistics
from consult.responses.evaluation import letters as evaluation_letters
from consult.responses.evaluation import service as evaluation
from consult.responses.evaluation.model import QUESTIONS, EvaluationNotice, EvaluationOpening
from consult.search import service as search
from consult.submissions import counters
from consult.submissions import service as submissions
from consult.submissions.comments import translations
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Comment, EvidenceKind, NameRule, Stance, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter
from consult.trace import erasure
from tests import factories, filing
from tests.arguments.speaking import PLACE
from tests.files.looking import check
from tests.moderation.cases import half_a_minute_later, paragraphs

TEXTS = {
    "first wording": "Zanzibarine harbour masters never counted the quagmire dredgers before noon.",
    "words": "Vermilion octopodes dispute the thimbleberry levy. It ruins the lamplighters of Quorvath every winter.",
    "answer": "Nineteen periwinkle bridges would answer this better than any ordinance.",
    "evidence": "Ferrets under the observatory carried the plague of ledgers",
    "place": "Port Xanadelphia",
    "method": "counting by candlelight in the marzipan archive",
    "file": "Whalebone theodolites measured the sandbar of Ysolde twice yearly.",
    "file name": "brimstone-cauliflower.txt",
    "internal note": "Obstreperous walnuts: the author sounds like the beekeeper of Drumnadrochit",
    "note": "Please mend the sentence about thimbleberry levies and gondolas",
    "batch note": "Marmalade zeppelins were proposed for withholding by the day shift",
    "batch internal": "Kerfuffle among the tortoise wardens, said the night shift",
    "second reader": "I concur with the zeppelin colleague regarding pumpernickel",
    "appeal": "My pelican was misunderstood by the tribunal of Lissabona",
    "appeal answer": "The tribunal now understands pelicans and their umbrage",
    "not my point": "Chrysanthemum abacuses were never my errand in Ostrobothnia",
    "not my point answer": "The abacus stays, for the haberdashers of Ostrobothnia say the same",
    "report": "This slanders the honourable guild of candlemakers in Vyborg",
    "report answer": "Candlemakers of Vyborg are not slandered in our reading",
    "translation": "Pulpos bermellones disputan el tributo de las frambuesas dedaleras",
    "credit": "Translated by Hortensia Quillfeather",
    "reply": "I replaced the gondolas with rowing boats as you wished",
    "remark": "The hour of the hearing suited nobody but the marmots of Trondvik",
    "draft": "Tangerine sextants were about to be mentioned in another amendment",
}
PEOPLE = {"email": "balthazar.kwakiutl@periwinkle-canary.example", "name": "Balthazar Kwakiutl-Ostrogorski"}
COUNTRY = "TV"  # nobody else here writes from Tuvalu
OTHERS = (
    "The thimbleberry levy should be paid in autumn, said nobody of Quorvath.",
    "Needle exchange programmes prevent hepatitis and must be funded everywhere.",
)


@dataclass
class Erased:
    """The state before an erasure: the submission, its reference, and its author's keys to it."""

    consultation: Consultation
    submission: Submission
    secret: str
    owner: Account
    moderators: list[Account]
    reader: Account
    digests: list[Digest] = field(default_factory=list)


def live(session: Session) -> Erased:
    """Filed with everything, returned, amended, withheld by two, appealed, published, reported, digested, coded."""
    it = factories.consultation(session, questions=1, owner=factories.account(session, Role.ADMIN))
    people = [factories.account(session, Role.MODERATOR) for _ in range(4)]
    reader = factories.account(session, Role.POLICYMAKER)
    delivery.subscribe(session, account=reader, consultation=it, cadence=Cadence.DAILY, language="en", at=now())
    row = _file(session, it)
    case = Erased(it, row, submissions.author_secret(row), session.get_one(Account, it.owner_id), people, reader)
    for words in OTHERS:
        filing.file(session, it, words, published=True)
    _return_and_amend(session, case)
    _withhold_and_appeal(session, case)
    follow(session, it)
    _publish_more(session, case)
    _report(session, case)
    _open_draft(session, case)
    _evaluate(session, case)
    follow(session, it)
    drain.drain(budget=5)
    return case


def follow(session: Session, it: Consultation) -> None:
    """Every follower of the ledger goes to its end, and what hangs on them is made anew, as the clock does."""
    head = filing.numbered(session)
    queue.FOLLOWER.follow_site(session)
    statistics.FOLLOWER.follow_site(session)
    search.FOLLOWER.follow_site(session)
    HEARD.follow(session, consultation_id=it.id, until=head)
    arguments.FOLLOWER.follow(session, consultation_id=it.id, until=head)
    results_cache.refresh(session, consultation_id=it.id)
    erasure.FOLLOWER.follow_site(session)
    appeals.lapse(session)
    reports.close_unpublished(session)
    files.shred(session)
    counters.fold(session)
    session.commit()


def _said(session: Session, it: Consultation, words: str) -> list[NewComment]:
    return [NewComment(paragraphs(session, it)[0].id, Stance.CONCERN, words)]


def _file(session: Session, it: Consultation) -> Submission:
    data = TEXTS["file"].encode()
    kept = files.receive(session, data=data, name=TEXTS["file name"])
    session.commit()
    check(kept.id)
    told = {"description": TEXTS["evidence"], "place": TEXTS["place"], "method": TEXTS["method"], "language": "en"}
    item = EvidenceItem(file_id=kept.id, kind=EvidenceKind.TESTIMONY, consent=True, **told)
    question = session.scalars(select(Question).where(Question.consultation_id == it.id)).one()
    who = Submitter(name_rule=NameRule.OWN, person_name=PEOPLE["name"], country=COUNTRY, email=PEOPLE["email"])
    return submissions.file(
        session, consultation=it, by=who, comments=_said(session, it, TEXTS["first wording"]),
        answers=[NewAnswer(question.id, TEXTS["answer"])], key="a case of erasure", items=[item],
    )  # fmt: skip


def _return_and_amend(session: Session, case: Erased) -> None:
    row = case.submission
    follow(session, case.consultation)
    moderation.decide(
        session, moderator=case.moderators[0], submission_id=row.id, revision=row.revision, reason=Reason.OFF_TOPIC,
        outcome=DecisionOutcome.RETURN, note=TEXTS["note"], internal_note=TEXTS["internal note"],
    )  # fmt: skip
    question = session.scalars(select(Question).where(Question.consultation_id == case.consultation.id)).one()
    submissions.amend(
        session, row, comments=_said(session, case.consultation, TEXTS["words"]), reply=TEXTS["reply"],
        answers=[NewAnswer(question.id, TEXTS["answer"])], items=evidence.load_items(session, row.id),
    )  # fmt: skip
    follow(session, case.consultation)


def _withhold_and_appeal(session: Session, case: Erased) -> None:
    row, (first, second, third, fourth) = case.submission, case.moderators
    other = filing.file(session, case.consultation, "Another one of the same batch, which stays as it is.")
    follow(session, case.consultation)
    verdict = ModerationVerdict(
        DecisionOutcome.WITHHOLD, Reason.OFF_TOPIC, TEXTS["batch note"], TEXTS["batch internal"]
    )
    items = [(row.id, row.revision), (other.id, other.revision)]
    batch = bulk.propose(session, moderator=first, items=items, verdict=verdict, second_reader=True)
    bulk.confirm(session, second=second, batch_id=batch.id, answer=TEXTS["second reader"])
    half_a_minute_later(session)
    appeal = appeals.file(session, row, words=TEXTS["appeal"])
    appeals.answer(
        session, moderator=third, second=fourth, appeal_id=appeal.id, outcome=AppealOutcome.ACCEPTED,
        reasons=TEXTS["appeal answer"],
    )  # fmt: skip


def _object(session: Session, case: Erased) -> None:
    """Its author says of two statements that their argument is not their point; one of them is answered."""
    claims = session.scalars(select(Claim).where(Claim.submission_id == case.submission.id).order_by(Claim.id)).all()
    for one in claims:
        if one.argument_id is None:
            arguments.add_statements(
                session, consultation=case.consultation, claim_ids=[one.id], to_id=None, by=case.owner, words="A point"
            )
    made = [objections.file(session, case.submission, claim_id=one.id, words=TEXTS["not my point"]) for one in claims]
    objections.leave(session, objection_id=made[0].id, by=case.owner, words=TEXTS["not my point answer"])


def _publish_more(session: Session, case: Erased) -> None:
    it = case.consultation
    comment = session.scalars(select(Comment).where(Comment.submission_id == case.submission.id)).first()
    assert comment is not None
    assert comment.shown
    source = translations.get_source(session, comment.id)
    translations.translate(
        session, comment_id=comment.id, language="es", body=TEXTS["translation"], credit=TEXTS["credit"],
        by=case.owner.id, mark=source.mark,
    )  # fmt: skip
    arguments.propose(session, consultation_id=it.id, place=PLACE)
    mine = session.scalars(select(Claim).where(Claim.submission_id == case.submission.id)).all()
    assert mine, "statements were made of its words"
    _object(session, case)
    follow(session, it)
    digest = digests.compile_digest(session, consultation_id=it.id, cadence=Cadence.DAILY, slot_at=now())
    assert digest is not None
    case.digests.append(digest)
    session.commit()


def _report(session: Session, case: Erased) -> None:
    row = case.submission
    given = {"reference": row.reference, "kind": ReportKind.OTHER, "words": TEXTS["report"]}
    reports.file(session, key="one", email="reporter@example.org", **given)  # type: ignore[arg-type]
    reports.answer(
        session, moderator=case.moderators[0], submission_id=row.id, outcome=ReportOutcome.KEPT,
        words=TEXTS["report answer"],
    )  # fmt: skip
    reports.file(session, key="two", **given)  # type: ignore[arg-type]
    session.commit()


def _open_draft(session: Session, case: Erased) -> None:
    """Its author has begun to change it once more, in a browser that nobody has opened since."""
    token = drafts.reopen_submission(
        session, consultation=case.consultation, submission=case.submission, owner=DraftOwner(),
        reply=TEXTS["draft"],
    )  # fmt: skip
    assert token
    session.commit()


def _evaluate(session: Session, case: Erased) -> None:
    """Its author was asked by a letter how the consultation was, and has answered."""
    session.add(EvaluationOpening(consultation_id=case.consultation.id, opened_at=now()))
    evaluation.give(session, case.submission, answers=dict.fromkeys(QUESTIONS, 2), remark=TEXTS["remark"])
    recipient = blind_index(PEOPLE["email"])
    row = EvaluationNotice(consultation_id=case.consultation.id, recipient=recipient, submission_id=case.submission.id)
    session.add(row)
    session.flush()
    evaluation_letters.write_letters(session, case.consultation.id)
    session.commit()
