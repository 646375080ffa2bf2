"""Recommendations of a position paper as comments of its submission: what is offered, and what its sender accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.text import clean_text
from consult.files.cleaning.blocks import Block, split_blocks
from consult.files.model import State, StoredFile
from consult.submissions.anchors.paper_place import PaperPlace
from consult.submissions.anchors.provisions import ProvisionNode, ProvisionTree
from consult.submissions.content.draft import DraftComment, DraftContent, place_of
from consult.submissions.papers.references import DraftIndex, Part, find_recommendations, recommends
from consult.submissions.papers.word_changes import suggest_wording
from consult.submissions.stances import Stance
from consult.submissions.values import MAX_COMMENT_LENGTH

_BEFORE_NAME = re.compile(r"^(?:the |draft |proposed |consultation on ){0,4}", re.IGNORECASE)
MOST_OFFERS = 60
"""Recommendations shown on the page. The page says how many it leaves out."""


@dataclass(frozen=True)
class Paper:
    """The file of a position paper. `blocks` is empty unless the file is clean."""

    state: State
    sha256: str
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Offer:
    """A recommendation and the part of the draft that it names. `proposed` is the wording that it suggests, or None."""

    block: int
    page: int
    words: str
    part: ProvisionNode
    ticked: bool
    sure: bool
    stance: Stance
    proposed: str | None = None


@dataclass(frozen=True)
class Choice:
    """A comment that the sender wants: a block on a part of the draft.

    With AMENDMENT, its text is the wording that the block suggests.
    """

    block: int
    part: int
    stance: Stance


def read_paper(session: Session, file_id: int) -> Paper | None:
    """Return a paper by the id of its file, or None if the file was erased."""
    row = session.execute(
        select(StoredFile.state, StoredFile.sha256, StoredFile.text, StoredFile.outline).where(
            StoredFile.id == file_id, StoredFile.salt.is_not(None)
        )
    ).first()
    if row is None or row.sha256 is None:
        return None
    blocks = split_blocks(row.text, row.outline) if row.state is State.CLEAN else []
    return Paper(row.state, row.sha256.hex(), blocks)


def names_of(title: str) -> list[str]:
    """Return the names by which a paper may call a draft: its title, and parts of it of three words or more.

    >>> names_of("Draft National Drug Plan 2027–2031: have your say")
    ['Draft National Drug Plan 2027–2031: have your say', 'National Drug Plan 2027–2031', 'have your say']
    """
    parts = (_BEFORE_NAME.sub("", part.strip()) for part in re.split(r"[:–—(] ", title))
    return list(dict.fromkeys([title, *(part for part in parts if len(part.split()) > 2)]))


def index_draft(places: ProvisionTree, names: Sequence[str]) -> DraftIndex:
    """Return the parts of a draft in the form that the search needs. `names` are titles by which papers may call it."""
    parts = [Part(place.id, place.label or place.number, place.text, place.heading) for place in places.by_id.values()]
    return DraftIndex(parts, names)


def list_offers(paper: Paper, places: ProvisionTree, names: Sequence[str], content: DraftContent) -> list[Offer]:
    """Return the recommendations that name a part of the draft, and those that the sender has added, in order.

    Once the sender has accepted one of the paper, the boxes are as the sender left them.
    """
    accepted = {(place.block, part): note for part, note, place in _accepted(content, paper.sha256)}
    words, kinds = [block.words for block in paper.blocks], [block.kind for block in paper.blocks]
    named = {(item.block, item.part): item for item in find_recommendations(words, index_draft(places, names), kinds)}
    offers = []
    for block, part in sorted({*named, *accepted}):
        if block >= len(paper.blocks) or part not in places.by_id:
            continue
        item, note, place = named.get((block, part)), accepted.get((block, part)), places.by_id[part]
        sure = item is not None and item.sure
        proposed = suggest_wording(words[block], place.text) if place.text else None
        usual = Stance.AMENDMENT if proposed is not None else Stance.WORDING
        stance = (Stance.AMENDMENT if note.amendment is not None else note.stance or usual) if note else usual
        ticked = note is not None if accepted else sure
        offers.append(Offer(block, paper.blocks[block].page, words[block], place, ticked, sure, stance, proposed))
    return offers


def list_other_blocks(paper: Paper, offers: Iterable[Offer]) -> list[tuple[int, Block]]:
    """Return the recommending blocks without an offer, with their indexes: the sender may have one placed."""
    known = {offer.block for offer in offers}
    return [
        (number, block)
        for number, block in enumerate(paper.blocks)
        if number not in known and block.kind in ("paragraph", "item", "row") and recommends(block.words)
    ]


def accept(content: DraftContent, paper: Paper, places: ProvisionTree, choices: Iterable[Choice]) -> DraftContent:
    """Return the content with exactly the chosen recommendations of this paper as comments.

    A comment accepted before keeps its words, which its author may have changed. A choice that names no block of the
    paper or no part of the draft is left out.
    """
    before = {(place.block, part): note for part, note, place in _accepted(content, paper.sha256)}
    others = {key: note for key, note in content.comments.items() if not _is_from(note, paper.sha256)}
    content = replace(content, comments=others)
    for choice in dict.fromkeys(choices):
        if not 0 <= choice.block < len(paper.blocks) or choice.part not in places.by_id:
            continue
        note = before.get((choice.block, choice.part))
        if note is None or (choice.stance is not Stance.AMENDMENT and note.stance is not choice.stance):
            note = _to_comment(choice, paper, places.by_id[choice.part])
        content = content.with_comment(content.next_key(choice.part), note)
    return content


def _to_comment(choice: Choice, paper: Paper, part: ProvisionNode) -> DraftComment:
    block = paper.blocks[choice.block]
    words, place = clean_text(block.words)[:MAX_COMMENT_LENGTH], PaperPlace(paper.sha256, choice.block, block.page)
    if choice.stance is not Stance.AMENDMENT:
        return DraftComment(words, choice.stance, paper_place=place)
    proposed = suggest_wording(block.words, part.text)
    if proposed is None or len(proposed) + len(words) + 2 > MAX_COMMENT_LENGTH:
        return DraftComment(words, Stance.WORDING, paper_place=place)
    return DraftComment(f"{proposed}\n\n{words}", Stance.WORDING, amendment=len(proposed), paper_place=place)


def _is_from(note: DraftComment, sha256: str) -> bool:
    return note.paper_place is not None and note.paper_place.sha256 == sha256


def _accepted(content: DraftContent, sha256: str) -> list[tuple[int, DraftComment, PaperPlace]]:
    return [
        (place_of(key), note, note.paper_place)
        for key, note in content.comments.items()
        if note.paper_place is not None and note.paper_place.sha256 == sha256
    ]
