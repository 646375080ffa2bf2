"""A digest of a real campaign says what a second count of the file says."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.i18n import force_locale
from consult.digests.content.body import CountHeadline
from consult.digests.model import Digest
from consult.submissions import imports
from consult.submissions.imports import ImportedComment
from tests import factories
from tests.digests.sentences import SentenceReader
from tests.digests.test_true_sentences import everything_said

ROWS = 1_500
STANCES = ("concern", "concern", "support", "")


def test_a_digest_of_the_farm_workers_file_says_what_the_file_says(
    app: Flask, session: Session, compile: Callable[..., Digest], data: Path
) -> None:
    """One row in ten is put on a paragraph, with a stance: the file has neither."""
    row = factories.consultation(session, slug="plan")
    session.commit()
    into = imports.get_target(session, slug="plan", source="docket", published=True)
    with gzip.open(data / "farmworker_h2a_2019.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        records = list(islice(csv.DictReader(stream), ROWS))
    placed: list[tuple[str, str]] = []
    batch: list[ImportedComment] = []
    for n, record in enumerate(records):
        where, stance = ("2.1" if n % 3 else "1.1", STANCES[n // 10 % 4]) if n % 10 == 0 else ("", "")
        placed += [(where, stance)] if where else []
        cells = {"source_id": record["id"], "body": record["text"], "provision": where, "stance": stance}
        batch.append(imports.check_record(into, **cells))
    assert imports.file_batch(session, into, imports.seal_batch(into, batch), at=now()) == ROWS
    body = compile(row).body
    found = body.coverage
    assert found is not None

    def at(place: str, kind: str | None, _new: bool) -> int:
        return sum(where == place and kind in (None, stance) for where, stance in placed)

    assert found.letter is not None
    assert found.letter > ROWS * 0.8, "nearly all of it is one letter"
    recount = SentenceReader(at, ROWS, len(placed), found.letter)
    with app.test_request_context(), force_locale("en"):
        everything = everything_said(body)
        said = recount.read(everything)
    assert f"{len(placed)} of 1,500 published submissions (10%) are about a paragraph or a question." in said
    headline = body.headline
    assert isinstance(headline, CountHeadline)
    assert headline.n + (headline.others or 0) == ROWS
    assert headline.n > ROWS * 0.8, "a letter that more than half sent comes first"
    assert f"{headline.n:,} copies of one campaign letter" in everything
