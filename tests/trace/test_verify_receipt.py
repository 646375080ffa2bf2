"""The recipe of docs/receipts.md, as the script beside it does it, on real downloads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult import ROOT
from consult.accounts.model import Account
from consult.consultations.model import Consultation, Question
from consult.core.web.access import Role
from consult.files import service as files
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.submissions import return_codes, service
from consult.submissions.anchors import carry_forward
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.coalitions import mandates
from consult.submissions.comments.queries import get_fingerprint
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.model import Comment, EvidenceKind, NameRule, State, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter
from consult.trace import export
from tests import factories, filing
from tests.audit.forging import check_everything, forge
from tests.files import samples

SCRIPT = ROOT / "docs" / "verify_receipt.py"
STUDY = samples.pdf()
FIRST = "# Plan\n\n## 1 Aims\n\n1.1 Police guidance shall be issued every year.\n\n1.2 Aerial spraying ends.\n"


def verify(download: Path, *more: str) -> tuple[int, str]:
    """Runs the script as somebody would who has Python and nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(download), *more],
        check=False, capture_output=True, text=True, timeout=300, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_it_says_how_it_is_used_and_what_it_cannot_read(tmp_path: Path) -> None:
    other = tmp_path / "receipt.pdf"
    other.write_bytes(b"%PDF-1.7")
    for given, said in (((), "DOWNLOAD.zip"), ((str(other),), "receipt.pdf is not such a download")):
        done = subprocess.run([sys.executable, "-I", str(SCRIPT), *given], check=False, capture_output=True, text=True)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def taken(client: FlaskClient, sent: Submission, folder: Path) -> Path:
    """The download behind the private link."""
    answer = client.get(f"/r/{sent.reference}/{service.author_secret(sent)}/data")
    path = folder / f"{sent.reference}.zip"
    path.write_bytes(answer.data)
    return path


def asked(session: Session) -> tuple[Consultation, Question]:
    row = factories.with_draft(session, FIRST)
    question = Question(consultation_id=row.id, position=0, wording="What of it?", hint="", required=False)
    session.add(question)
    session.flush()
    return row, question


def plain(session: Session) -> Submission:
    row, _question = asked(session)
    return filing.file(session, row, "Words.")


def in_all_letters(session: Session) -> Submission:
    row, question = asked(session)
    said = [filing.comment(session, row, words, "1.1") for words in ('«Ñandú» — 我們 \u202b سلام \u202c\n\n"\\ 🜲',)]
    answers = [NewAnswer(question.id, "Oui, naïvement.")]
    by = Submitter(name_rule=NameRule.PSEUDONYM, person_name="Zoë Ж", country="PE", language="fr")
    return service.file(session, consultation=row, key="letters", by=by, comments=said, answers=answers)


def on_some_words(session: Session) -> Submission:
    row, _question = asked(session)
    on = filing.comment(session, row, "Every month.", "1.1")
    said = NewComment(on.provision_id, on.stance, on.body, anchor=Anchor(0, 15, "Police guidance"))
    return filing.file(session, row, said, filing.comment(session, row, "On all of it.", ""))


def amended(session: Session) -> Submission:
    row, question = asked(session)
    sent = filing.file(session, row, "First words.", answers={0: "First answer."}, person="Ana")
    again = [filing.comment(session, row, "Second words.", "1.2"), filing.comment(session, row, "Third.", "1.1")]
    service.amend(session, sent, comments=again, answers=[NewAnswer(question.id, "Second answer.")])
    return sent


def answered(session: Session) -> Submission:
    """Returned, and sent in again as it was, with an answer to the moderator."""
    row, _question = asked(session)
    sent = filing.file(session, row, "Words.")
    filing.decide(session, sent, State.RETURNED, "unclear")
    service.amend(session, sent, comments=[filing.comment(session, row, "Words.")], reply="They are clear.")
    return sent


def carried(session: Session) -> Submission:
    """Published, and carried to the next version of the draft, where its words moved."""
    sent = on_some_words(session)
    filing.decide(session, sent, State.PUBLISHED)
    row = session.get_one(Consultation, sent.consultation_id)
    factories.publish_next(session, row, FIRST.replace("1.1 Police", "1.1 All the police"))
    while carry_forward.carry_batch(session, consultation_id=row.id):
        session.commit()
    return sent


def carried_and_amended(session: Session) -> Submission:
    sent = carried(session)
    row = session.get_one(Consultation, sent.consultation_id)
    service.amend(session, sent, comments=[filing.comment(session, row, "Now this.", "1.2")])
    return sent


def redacted(session: Session) -> Submission:
    row, _question = asked(session)
    sent = filing.file(session, row, "My cousin Ana in Lima.", "Nothing here.")
    comment = session.query(Comment).filter_by(submission_id=sent.id).order_by(Comment.position).first()
    assert comment is not None
    moderator: Account = factories.account(session, Role.MODERATOR)
    moderation.decide(
        session, moderator=moderator, submission_id=sent.id, revision=sent.revision, outcome=DecisionOutcome.PUBLISH,
        covers=[Redaction(comment.id, 3, 13, "third_person")],
    )  # fmt: skip
    return sent


def with_evidence(session: Session) -> Submission:
    row, _question = asked(session)
    file = files.receive(session, data=STUDY, name="étude.pdf")
    items = [
        EvidenceItem(file_id=file.id, name="étude.pdf", kind=EvidenceKind.STUDY, description="Étude", consent=True),
        EvidenceItem(scheme="doi", reference="10.1000/x", kind=EvidenceKind.STATISTICS, description="Figures"),
    ]
    sent = filing.file(session, row, "See the evidence.", organisation="Réseau", items=items)
    mandates.attach(session, sent, data=samples.pdf("Minutes."), name="m.pdf", description="Minutes", public=True)
    return sent


CASES = (
    plain, in_all_letters, on_some_words, amended, answered, carried, carried_and_amended, redacted, with_evidence,
)  # fmt: skip


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_the_fingerprint_is_made_again_from_the_download_alone(
    session: Session, client: FlaskClient, tmp_path: Path, make: object
) -> None:
    sent = make(session)  # type: ignore[operator]
    fingerprint, _at = get_fingerprint(session, sent)
    code, said = verify(taken(client, sent, tmp_path), fingerprint)
    assert (code, "DIFFERS" in said, "unknown" in said) == (0, False, False), said
    assert f"{fingerprint}\n" in said
    published = session.get_one(Consultation, sent.consultation_id)
    assert [one for one in check_everything(session) if one.code not in ("draft_no_entry",)] == [], published.slug


def test_it_says_so_when_the_words_or_the_record_are_others(
    session: Session, client: FlaskClient, tmp_path: Path
) -> None:
    sent = plain(session)
    fingerprint, _at = get_fingerprint(session, sent)
    forge(session, "UPDATE comment SET body = 'Forged.' WHERE submission_id = :id", id=sent.id)
    code, said = verify(taken(client, sent, tmp_path), fingerprint)
    assert code == 1
    assert "DIFFERS submission.received" in said
    forge(session, "UPDATE comment SET body = 'Words.' WHERE submission_id = :id", id=sent.id)
    assert verify(taken(client, sent, tmp_path), "0" * 64)[0] == 1


def test_files_are_compared_with_what_was_sent(session: Session, client: FlaskClient, tmp_path: Path) -> None:
    sent = with_evidence(session)
    own, other = tmp_path / "étude.pdf", tmp_path / "other.pdf"
    own.write_bytes(STUDY)
    other.write_bytes(samples.pdf("Something else."))
    download, fingerprint = taken(client, sent, tmp_path), get_fingerprint(session, sent)[0]
    assert verify(download, fingerprint, str(own))[0] == 0
    assert verify(download, fingerprint, str(own), str(other))[0] == 1


def test_who_filed_without_identity_can_do_it_too(session: Session, client: FlaskClient, tmp_path: Path) -> None:
    code = return_codes.new_code()
    row = factories.consultation(session, no_identity=True)
    sent = service.file(
        session, consultation=row, key="by code", code=code, by=Submitter(),
        comments=[filing.comment(session, row, "Sin nombre: «ñ».")],
    )  # fmt: skip
    session.commit()
    path = tmp_path / "data.zip"
    path.write_bytes(b"".join(export.zip_stream(iter([("submission.json", export.to_json(
        export.submission_record(session, sent)))]))))  # fmt: skip
    assert verify(path, get_fingerprint(session, sent)[0])[0] == 0


def test_the_public_page_shows_the_fingerprint_of_what_is_published_and_of_nothing_else(
    session: Session, client: FlaskClient
) -> None:
    sent = plain(session)
    fingerprint, _at = get_fingerprint(session, sent)
    assert fingerprint not in client.get(f"/r/{sent.reference}").text
    assert fingerprint in client.get(f"/r/{sent.reference}/{service.author_secret(sent)}").text
    filing.decide(session, sent, State.PUBLISHED)
    assert fingerprint in client.get(f"/r/{sent.reference}").text
    service.erase(session, sent)
    assert fingerprint not in client.get(f"/r/{sent.reference}").text
