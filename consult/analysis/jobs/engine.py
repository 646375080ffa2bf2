"""The grouping engine: assigns new and changed texts to campaigns.

`place_texts` compares a batch with the known letters and the latest individual texts, so its cost is that of the new
texts. `compare_texts` compares all texts and is worthwhile after growth by half: it makes the result independent of the
order of arrival. Both use `group_texts`, run behind the follower's lock and may be repeated: the transaction that
classifies a text marks it with the version of the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns.classification import classify_comments
from consult.analysis.campaigns.groups import GroupedTexts, LetterGroup, group_texts
from consult.analysis.jobs.set_aside import dump_set_aside, store_name_slots
from consult.analysis.jobs.stored_texts import (
    TEXT_RULE,
    StoredCorpus,
    StoredText,
    build_stored_texts,
    fingerprint_samples,
    load_texts,
)
from consult.analysis.jobs.text_updates import StatementRow, TextUpdate, forget_texts, update_texts, update_totals
from consult.analysis.kinds import MIN_COPIES, StatementKind, TextKind
from consult.analysis.lines import load_choices
from consult.analysis.model import AnalysisState, Campaign
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.normalise import normal_form, text_hash

BATCH = 4_000
_COMPANY = 2_000
"""The number of latest individual texts compared with new ones, because letters emerge among them."""
_PASSAGES = 50_000
_WAITING = text(
    """
    SELECT text_hash, standing, sample_id FROM text_group WHERE consultation_id = :consultation AND placed < :rule
    ORDER BY placed, first_number, text_hash LIMIT :most
    """
)
_SAMPLES = text(
    """
    WITH found AS (
        SELECT g.text_hash AS hash, c.submission_id FROM text_group g CROSS JOIN LATERAL (
            SELECT submission_id FROM analysis_counted
            WHERE consultation_id = :consultation AND text_hash = g.text_hash AND state NOT IN ('withdrawn', 'erased')
                AND (state = 'published' OR g.published = 0)
            ORDER BY text_hash, submission_id LIMIT 1
        ) AS c
        WHERE g.consultation_id = :consultation AND g.text_hash = ANY(CAST(:hashes AS bytea[]))
    )
    UPDATE text_group g SET sample_id = found.submission_id FROM found
    WHERE g.consultation_id = :consultation AND g.text_hash = found.hash RETURNING g.text_hash, g.sample_id
    """
)
_TOLD = text(
    "SELECT text_hash FROM analysis_text WHERE consultation_id = :consultation AND rule = :rule "
    "AND text_hash = ANY(:hashes)"
)
_PARK = text("UPDATE text_group SET placed = :rule WHERE consultation_id = :consultation AND text_hash = ANY(:hashes)")
_LETTERS = "g.text_hash = ANY(:hashes)"
_ALONE = """g.text_hash IN (
    SELECT text_hash FROM text_group WHERE consultation_id = :consultation AND campaign_id IS NULL
    AND placed = :rule AND standing > 0 ORDER BY first_number DESC LIMIT :most)"""


@jobs.place_texts.give
def place_texts(session: Session, consultation_id: int, number: int) -> None:
    """Classify the waiting texts. From ledger entry `number` on they count as part of their campaigns."""
    while True:
        rows = session.execute(_WAITING, {"consultation": consultation_id, "rule": TEXT_RULE, "most": BATCH}).all()
        if rows:
            _place_batch(session, consultation_id, number, {bytes(row.text_hash): row for row in rows})
            update_totals(session, consultation_id, len(rows))
        if len(rows) < BATCH:
            return


def _place_batch(session: Session, consultation_id: int, number: int, waiting: dict[bytes, object]) -> None:
    where = {"consultation": consultation_id}
    gone = [key for key, row in waiting.items() if not row.standing]  # type: ignore[attr-defined]
    if gone:
        forget_texts(session, consultation_id, gone)
    samples = {key: row.sample_id for key, row in waiting.items() if row.standing}  # type: ignore[attr-defined]
    lost = [key for key, sample in samples.items() if sample is None]
    if lost:
        rows = session.execute(_SAMPLES, {**where, "hashes": lost})
        samples |= {bytes(row.text_hash): row.sample_id for row in rows}
    known = {bytes(key) for key in session.scalars(_TOLD, {**where, "rule": TEXT_RULE, "hashes": list(samples)})}
    missing = {key: sample for key, sample in samples.items() if key not in known}
    if missing:
        fingerprint_samples(session, consultation_id, missing)
    batch = load_texts(session, _LETTERS, {**where, "hashes": list(samples)})
    without = samples.keys() - {row.text_hash for row in batch}
    if without:  # erased since, and the ledger says so in a moment
        session.execute(_PARK, {**where, "rule": TEXT_RULE, "hashes": list(without)})
    if batch:
        _group_batch(session, consultation_id, number, batch)


def _group_batch(session: Session, consultation_id: int, number: int, batch: Sequence[StoredText]) -> None:
    state = session.get_one(AnalysisState, consultation_id, populate_existing=True)
    campaigns = _load_campaigns(session, consultation_id)
    hashes = {bytes(campaign.letter_hash) for campaign in campaigns} | {
        key for campaign in campaigns for key in _versions(campaign)
    }
    rows = {row.text_hash: row for row in batch}
    for where, values in ((_LETTERS, {"hashes": list(hashes)}), (_ALONE, {"most": _COMPANY})):
        for row in load_texts(session, where, {"consultation": consultation_id, **values}):
            rows.setdefault(row.text_hash, row)
    corpus, known = _with_letters(session, rows, campaigns)
    if len(known) < sum(campaign.members > 0 for campaign in campaigns):  # a letter is gone, its members are not
        state.placed += state.compared
    passages = np.frombuffer(bytes(state.passages), dtype=np.uint64)
    grouping = group_texts(corpus, [(found, letter) for found, letter, _ in known], passages)
    ids = _store_campaigns(session, consultation_id, corpus, grouping, {found.letter: row for found, _, row in known})
    fresh = {row.text_hash for row in batch}
    numbers = [at for at, key in enumerate(corpus.hashes) if key in fresh or _is_changed(corpus, grouping, ids, at)]
    _write(session, consultation_id, number, corpus, grouping, ids, numbers)


@jobs.compare_texts.give
def compare_texts(session: Session, consultation_id: int, number: int) -> None:
    """Regroup all texts of a consultation and store the differences. `place_texts` must have classified them before."""
    state = session.get_one(AnalysisState, consultation_id, populate_existing=True)
    campaigns = _load_campaigns(session, consultation_id)
    rows = {row.text_hash: row for row in load_texts(session, "true", {"consultation": consultation_id})}
    lasting = [campaign for campaign in campaigns if campaign.letter is not None or 0 < campaign.members < MIN_COPIES]
    corpus, known = _with_letters(session, rows, lasting)
    grouping = group_texts(corpus, [(found, letter) for found, letter, _ in known])
    owners = {found.letter: row for found, _, row in known}
    owners |= _match_predecessors(corpus, grouping, campaigns, owners)
    before = {campaign.id: (bytes(campaign.letter_hash), _versions(campaign)) for campaign in campaigns}
    ids = _store_campaigns(session, consultation_id, corpus, grouping, owners)
    after = {
        number: (corpus.hashes[found.letter], [corpus.hashes[text_] for text_ in found.versions])
        for number, found in zip(ids, grouping.campaigns, strict=True)
    }
    told_anew = {number for number, letter in after.items() if before.get(number) != letter}
    numbers = [
        at
        for at in range(len(corpus))
        if _is_changed(corpus, grouping, ids, at) or (told_anew and _campaign_id(grouping, ids, at) in told_anew)
    ]
    for first in range(0, len(numbers), BATCH):
        _write(session, consultation_id, number, corpus, grouping, ids, numbers[first : first + BATCH])
    update_totals(session, consultation_id, 0)
    session.refresh(state)
    state.placed, state.compared, state.compared_received = 0, len(corpus), state.received
    state.passages = grouping.passages[:_PASSAGES].tobytes()
    session.flush()


def _load_campaigns(session: Session, consultation_id: int) -> list[Campaign]:
    found = select(Campaign).where(Campaign.consultation_id == consultation_id).order_by(Campaign.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def _versions(row: Campaign) -> list[bytes]:
    return [bytes.fromhex(key) for key in row.versions]


def _with_letters(
    session: Session, rows: dict[bytes, StoredText], campaigns: Sequence[Campaign]
) -> tuple[StoredCorpus, list[tuple[LetterGroup, CampaignLetter, Campaign]]]:
    """Return the texts as a corpus, with declared letters that nobody sent, and the campaigns in it."""
    declared = {bytes(campaign.letter_hash): campaign.letter for campaign in campaigns if campaign.letter is not None}
    absent = build_stored_texts({key: words for key, words in declared.items() if key not in rows})
    told_ = [*rows.values(), *absent.values()]
    told_.sort(key=lambda row: row.text_hash)
    corpus = StoredCorpus(session, told_)
    places = {key: at for at, key in enumerate(corpus.hashes)}
    corpus.given |= {places[key]: declared[key] for key in absent}
    inside: Counter[int | None] = Counter()
    for row in told_:
        inside[row.campaign_id] += row.standing
    here = [campaign for campaign in campaigns if bytes(campaign.letter_hash) in places]
    texts = corpus.texts(places[bytes(one.letter_hash)] for one in here)
    known = []
    for one, words in zip(here, texts, strict=True):
        if text_hash(normal_form(words)) != bytes(one.letter_hash):  # erased since
            continue
        at = places[bytes(one.letter_hash)]
        core = corpus.marks()[at] if one.letter is not None else np.frombuffer(bytes(one.core), dtype=np.uint64)
        versions = [places[key] for key in _versions(one) if key in places]
        given = one.letter is not None
        found = LetterGroup(
            core, at, versions, one.members - inside[one.id], given, bool(one.members), one.template and not given
        )
        letter = build_letter(words, one.ours and bytes(one.ours))
        letter.name_slots.update(one.name_slots)
        known.append((found, letter, one))
    return corpus, known


@lru_cache(maxsize=512)
def build_letter(words: str, ours: bytes | None) -> CampaignLetter:
    """Return a campaign's letter for comparison. `ours` is the packed bit mask in its row."""
    if ours is None:
        return CampaignLetter.of(words)
    count = len(CampaignLetter.of(words).words)
    return CampaignLetter.of(words, np.unpackbits(np.frombuffer(ours, dtype=np.uint8), count=count).astype(np.bool_))


def _match_predecessors(
    corpus: StoredCorpus, grouping: GroupedTexts, campaigns: Sequence[Campaign], owners: dict[int, Campaign]
) -> dict[int, Campaign]:
    """Map new letters to an existing campaign whose own letter disappeared and most of whose members they have."""
    free = {campaign.id: campaign for campaign in campaigns if campaign.letter is None}
    letters = {corpus.hashes[found.letter] for found in grouping.campaigns}
    free = {number: one for number, one in free.items() if bytes(one.letter_hash) not in letters}
    votes: dict[int, Counter[int]] = {}
    for at in np.flatnonzero(grouping.campaign >= 0).tolist():
        before = corpus.campaign_ids[at]
        if before in free:
            votes.setdefault(int(grouping.campaign[at]), Counter())[before] += int(corpus.copies()[at])
    known = {bytes(campaign.letter_hash) for campaign in campaigns}
    heirs = {}
    for number, counts in sorted(votes.items()):
        found = grouping.campaigns[number]
        if found.letter in owners or corpus.hashes[found.letter] in known:
            continue
        best = min(counts, key=lambda one: (-counts[one], one))
        if best in free:
            heirs[found.letter] = free.pop(best)
    return heirs


def _store_campaigns(
    session: Session, consultation_id: int, corpus: StoredCorpus, grouping: GroupedTexts, owners: dict[int, Campaign]
) -> list[int]:
    """Store the campaigns, including new ones. Return their IDs in the order of the grouping."""
    by_hash = {bytes(campaign.letter_hash): campaign for campaign in _load_campaigns(session, consultation_id)}
    rows = []
    for number, found in enumerate(grouping.campaigns):
        key = corpus.hashes[found.letter]
        row = owners.get(found.letter) or by_hash.get(key)
        if row is None:
            row = Campaign(consultation_id=consultation_id, detected=True)
            session.add(row)
        letter: CampaignLetter = grouping.letters[number][0]
        if row.letter_hash != key:
            row.name_slots = []
        row.letter_hash, row.core = key, found.core.tobytes()
        row.versions = [corpus.hashes[text_].hex() for text_ in found.versions]
        row.ours = None if letter.ours.all() else np.packbits(letter.ours).tobytes()
        row.detected = row.detected or bool(corpus.copies()[found.letter])
        row.template = found.template
        rows.append(row)
    session.flush()
    return [row.id for row in rows]


def _campaign_id(grouping: GroupedTexts, ids: Sequence[int], at: int) -> int | None:
    number = int(grouping.campaign[at])
    return ids[number] if number >= 0 else None


def _is_changed(corpus: StoredCorpus, grouping: GroupedTexts, ids: Sequence[int], at: int) -> bool:
    if not corpus.copies()[at]:
        return False
    kind = grouping.kind(at)
    if kind is TextKind.LETTER and corpus.kinds[at] == TextKind.EXACT:  # by its words, see `classify_comments`
        kind = TextKind.EXACT
    return corpus.campaign_ids[at] != _campaign_id(grouping, ids, at) or corpus.kinds[at] != kind


def _write(
    session: Session,
    consultation_id: int,
    number: int,
    corpus: StoredCorpus,
    grouping: GroupedTexts,
    ids: Sequence[int],
    numbers: Sequence[int],
) -> None:
    bodies = corpus.bodies(numbers)
    words = corpus.texts(numbers)
    choices = load_choices(session, consultation_id)
    placed = classify_comments(grouping, [str(id_) for id_ in ids], numbers, words, choices=choices)
    store_name_slots(session, consultation_id, grouping, ids, [corpus.hashes[at] for at in numbers])
    moves, said = [], []
    for at, text_, one in zip(numbers, words, placed, strict=True):
        place = _campaign_id(grouping, ids, at)
        aside = dump_set_aside(text_, one, choices)
        moves.append(TextUpdate(corpus.hashes[at], one.kind, place, one.share, one.adds, one.contrary, aside))
        for each in one.statements:
            words_ = each.text if each.kind is StatementKind.REMOVED else None
            for comment, start, end in bodies[corpus.samples[at]].places(each.start, each.end):
                sure = each.confidence or None
                said.append(
                    StatementRow(corpus.hashes[at], int(one.campaign), comment, start, end, words_, each.kind, sure)
                )
    update_texts(session, consultation_id, number, moves, said)
