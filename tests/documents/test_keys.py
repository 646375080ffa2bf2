"""Provisions have names that people can say, also where numbers begin again or are missing."""

from __future__ import annotations

from dataclasses import dataclass

from consult.documents.keys import address_keys, number_labels
from consult.documents.model import ProvisionKind
from consult.documents.outline.reader import parse_outline


@dataclass(frozen=True)
class Row:
    id: int
    eid: str
    parent_id: int | None
    kind: ProvisionKind
    number: str
    heading: str


def rows(text: str) -> list[Row]:
    return [
        Row(
            piece.position + 1, piece.eid, None if piece.parent is None else piece.parent + 1, piece.kind, piece.number,
            piece.heading,
        )
        for piece in parse_outline(text).pieces
    ]  # fmt: skip


def test_a_number_that_several_articles_have_is_called_with_its_article() -> None:
    found = rows("Article 1\n\n1. One:\n\n(a) x.\n\nArticle 2\n\n1. Two.\n\n2. Three.\n\n## Last things\n\nFour.")
    labels = number_labels(found)
    assert list(labels.values()) == [
        "Article 1", "Article 1(1)", "Article 1(1)(a)", "Article 2", "Article 2(1)", "2", "", "Last things ¶1",
    ]  # fmt: skip
    keys = address_keys(found, labels)
    assert len(set(keys.values())) == len(keys)
    assert keys[6] == "2"
    assert keys[2] == "art_1__para_1"
