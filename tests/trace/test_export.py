"""One's own data says where each comment and answer stands, in words, with its version."""

from __future__ import annotations

import io
import json
import zipfile

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.consultations.model import Question
from consult.documents.model import Provision
from consult.submissions import service
from consult.submissions.anchors import carry_forward
from consult.submissions.model import State
from consult.submissions.values import NewAnswer
from tests import factories, filing

FIRST = "# Plan\n\n## 1 Aims\n\n1.1 Police guidance shall be issued.\n\n1.2 Aerial spraying ends.\n"
SECOND = FIRST.replace("1.2 Aerial spraying ends.", "1.2 Judges shall be trained in human rights, and paid.")


def test_what_is_taken_away_says_where_it_stands(client: FlaskClient, session: Session) -> None:
    row = factories.with_draft(session, FIRST)
    for n in (4, 7):
        session.add(Question(consultation_id=row.id, position=n, wording=f"What of {n}?", hint="", required=False))
    session.flush()
    said = [filing.comment(session, row, f"On {number or 'all'}.", number) for number in ("1.1", "1.2", "")]
    sent = filing.file(session, row, *said, answers={1: "The second."})
    filing.decide(session, sent, State.RETURNED, "off_topic")
    asked = session.query(Question).order_by(Question.position).all()
    again = [NewAnswer(asked[1].id, "The second, again.")]
    service.amend(session, sent, comments=[filing.comment(session, row, "On 1.2, again.", "1.2")], answers=again)
    filing.decide(session, sent, State.PUBLISHED)
    factories.publish_next(session, row, SECOND)
    while carry_forward.carry_batch(session, consultation_id=row.id):
        session.commit()
    data = client.get(f"/r/{sent.reference}/{service.author_secret(sent)}/data").data
    kept = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("submission.json"))
    columns = ("place", "place_kind", "place_number", "version", "question")
    gone = ["Paragraph 1.2 in version 1", "paragraph", "1.2", 1, None]
    second = ["Question 2", "question", "2", None, "What of 7?"]
    assert [[one[name] for name in columns] for one in kept["comments"]] == [gone, second]
    for one in kept["comments"]:
        assert one["body"] in client.get(one["page"]).text
    assert [one["place_id"] for one in kept["comments"]][1] == "question-2"
    provision = session.query(Provision).filter_by(number="1.2").order_by(Provision.id).first()
    assert provision is not None
    assert kept["comments"][0]["place_id"] == provision.wid
    [earlier] = kept["earlier"]
    first = ["Paragraph 1.1 in version 1", "paragraph", "1.1", 1, None]
    whole = ["The draft as a whole", "whole", None, None, None]
    assert [[one[name] for name in columns] for one in earlier["comments"]] == [first, gone, whole]
    assert [[one[name] for name in columns] for one in earlier["answers"]] == [second]
