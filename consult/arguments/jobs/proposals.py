"""Proposal of arguments on a part of the draft: groups similar statements of one type, and keeps people's edits.

A run compares all statements of a part, so the groups do not depend on their order. Statements that arrive between two
runs join the nearest argument, if it is near enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from consult.arguments import encoder, jobs, prohibitions
from consult.arguments.jobs import clusters, positions, vectors
from consult.arguments.jobs import labels as jobs_labels
from consult.arguments.jobs.clusters import Limits
from consult.arguments.jobs.statement_sets import ORDER, StatementSet, load_statements
from consult.arguments.jobs.vectors import Floats, VectorSpace
from consult.arguments.ledger_statements import place_claims
from consult.arguments.model import Argument, ArgumentGround, Claim, MergeSuggestion
from consult.core.clock import now

RULE = 10_000 * positions.RULE + 1_000 * prohibitions.RULE + 100 * vectors.RULE + 10 * clusters.RULE + jobs_labels.RULE
_LEAST = 2
"""The minimum number of authors of a proposed argument. Other statements wait for another author or a person's edit."""
_MOST = 6_000
"""The number of statements of a type that are compared. Further ones join the nearest group."""
_CHUNK = 1_000
_REST = 2_000
"""Statements beyond those that are put where they are nearest by one step: reading what they mean takes 5 ms each."""
_CENTRE = 1_000
"""Statements of an argument whose mean is its centre."""


@dataclass(frozen=True)
class StanceGroup:
    """The statements of one type on a part of the draft, and their arguments."""

    consultation_id: int
    place: str
    stance: str
    statements: StatementSet
    arguments: Mapping[int, Argument]
    at: datetime  # of what is made now

    @property
    def kept(self) -> set[int]:
        """Return the IDs of arguments that a person has edited."""
        return {number for number, row in self.arguments.items() if row.kept}

    @property
    def free(self) -> StatementSet:
        """Return the statements that no person has placed."""
        kept = self.kept
        return self.statements.only(
            n for n, row in enumerate(self.statements.rows) if not row.kept and row.argument_id not in kept
        )

    @property
    def held(self) -> StatementSet:
        """Return the statements in edited arguments that similar statements may join.

        Demands of letters are excluded: only people add statements to them.
        """
        kept = {number for number in self.kept if self.arguments[number].letter is None}
        return self.statements.only(n for n, row in enumerate(self.statements.rows) if row.argument_id in kept)


@jobs.propose.give
def propose(session: Session, *, consultation_id: int, place: str, at: datetime) -> bool:
    """Group the statements on a part of the draft again, except those that people sorted. Return True if anything
    changed.

    Statements beyond `_MOST` of a type keep their argument, if it still exists, until `place_rest`. Safe to repeat: the
    same statements give the same groups.
    """
    said = load_statements(session, Claim.consultation_id == consultation_id, Claim.place == place)
    space = vectors.fit_space(said.texts, encoder.name())
    limits = clusters.likeness_limits(len(said.rows), mixed=bool(space.encoder))
    _store_space(session, consultation_id, place, space, len(said.rows))
    arguments = {
        row.id: row
        for row in session.scalars(
            select(Argument).where(
                Argument.consultation_id == consultation_id, Argument.place == place, Argument.merged_into_id.is_(None)
            )
        )
    }
    moved, rest = 0, {}
    for stance in sorted({row.stance for row in said.rows} | {row.stance for row in arguments.values()}):
        here = said.only(n for n, row in enumerate(said.rows) if row.stance == stance)
        there = {number: row for number, row in arguments.items() if row.stance == stance}
        side = StanceGroup(consultation_id, place, stance, here, there, at)
        moved += _group_stance(session, side, space, limits)
        if len(free := side.free.rows) > _MOST:
            last = free[_MOST - 1]
            rest[stance] = _mark(last.key, last.proof, last.id)
    session.get_one(ArgumentGround, (consultation_id, place)).rest = rest
    session.flush()
    label(session, consultation_id, place)
    _suggest_merges(session, consultation_id, place, space)
    return moved > 0


@jobs.place_rest.give
def place_rest(session: Session, *, consultation_id: int, place: str) -> bool:
    """Assign further statements, beyond those that were grouped, to the nearest arguments. Return True if some are
    left.

    One step in its own transaction; an interrupted step is repeated. Safe to repeat.
    """
    ground = session.get(ArgumentGround, (consultation_id, place))
    if ground is None or not ground.rest:
        return False
    if not _is_usable(ground):  # what encodes is another: the place is grouped again
        ground.rest = {}
        return False
    stance = min(ground.rest)
    key, proof, number = ground.rest[stance]
    by_person = select(Argument.id).where(
        Argument.consultation_id == consultation_id, Argument.place == place, Argument.kept
    )
    rows = session.execute(
        select(*ORDER)
        .where(
            Claim.consultation_id == consultation_id,
            Claim.place == place,
            Claim.stance == stance,
            ~Claim.kept,
            or_(Claim.argument_id.is_(None), Claim.argument_id.not_in(by_person)),
            tuple_(*ORDER) > (bytes.fromhex(key), bytes.fromhex(proof), number),
        )
        .order_by(*ORDER)
        .limit(_REST)
    ).all()
    statements = load_statements(session, Claim.id.in_([row.id for row in rows]))
    limits = clusters.likeness_limits(ground.size, mixed=bool(ground.encoder))
    _place_nearest(session, statements, _load_space(ground), limits)
    others = {other: mark for other, mark in ground.rest.items() if other != stance}
    ground.rest = {**others, stance: _mark(*rows[-1])} if rows else others
    if not ground.rest:
        label(session, consultation_id, place)
    session.flush()
    return True


def _mark(key: bytes, proof: bytes, number: int) -> list[Any]:
    """Return the position of a statement in `ORDER`, as JSON."""
    return [bytes(key).hex(), bytes(proof).hex(), number]


def _suggest_merges(session: Session, consultation_id: int, place: str, space: VectorSpace) -> None:
    """Replace the stored pairs of arguments that may make the same point."""
    rows = session.execute(
        select(Argument.id, Argument.stance, Argument.centre)
        .where(
            Argument.consultation_id == consultation_id,
            Argument.place == place,
            Argument.merged_into_id.is_(None),
            Argument.centre.is_not(None),
            Argument.statements > 0,
        )
        .order_by(Argument.voices.desc(), Argument.id)
    ).all()
    pairs: list[dict[str, Any]] = []
    for stance in sorted({row.stance for row in rows}):
        here = [row for row in rows if row.stance == stance]
        centres = np.stack([unpack_centre(row.centre, space.width) for row in here])
        for (one, other), likeness in clusters.suggest_merges(centres, clusters.MERGE).items():
            low, high = sorted((here[one].id, here[other].id))
            pairs.append({"argument_id": low, "other_id": high, "likeness": likeness})
    known = select(Argument.id).where(Argument.consultation_id == consultation_id, Argument.place == place)
    session.execute(delete(MergeSuggestion).where(MergeSuggestion.argument_id.in_(known)))
    if pairs:
        session.execute(insert(MergeSuggestion), [{"consultation_id": consultation_id, **pair} for pair in pairs])


@jobs.place_fresh.give
def place_fresh(session: Session, *, consultation_id: int, claim_ids: Sequence[int]) -> None:
    """Assign new statements to the nearest argument with the same part of the draft and type, if near enough."""
    said = load_statements(session, Claim.id.in_(claim_ids), Claim.argument_id.is_(None), ~Claim.kept)
    grounds = {row.place: row for row in _load_grounds(session, consultation_id, {row.place for row in said.rows})}
    for place in sorted({row.place for row in said.rows}):
        here = said.only(n for n, row in enumerate(said.rows) if row.place == place)
        ground = grounds.get(place)
        if ground is None:
            ground = ArgumentGround(consultation_id=consultation_id, place=place, fresh=0, size=0, rule=0)
            session.add(ground)
        ground.fresh += len(here.rows)
        if _is_usable(ground):
            limits = clusters.likeness_limits(ground.size, mixed=bool(ground.encoder))
            _place_nearest(session, here, _load_space(ground), limits)
    session.flush()


def _group_stance(session: Session, side: StanceGroup, space: VectorSpace, limits: Limits) -> int:
    """Group the free statements of one type, and return how many moved.

    Groups near an argument edited by a person join it.
    """
    free = side.free
    centres = _compute_centres(side.held, space)
    chosen = free.only(range(min(len(free.rows), _MOST)))
    read = [positions.read_position(text) for text in chosen.texts]
    found, known = space.sided(chosen.texts, read), sorted(centres)
    groups = clusters.group_statements(found, [vectors.shuffle_key(text) for text in chosen.texts], limits, read)
    means = np.stack([found[members].mean(axis=0) for members in groups]) if groups else found
    joins = clusters.find_nearest(means, np.stack([centres[n] for n in known]) if known else means[:0], limits)
    placed: dict[int, int | None] = {row.id: None for row in chosen.rows}
    old = Counter[tuple[int, int]]()
    fresh: list[list[int]] = []
    for members, join in zip(groups, joins, strict=True):
        if join is not None:
            placed |= {chosen.rows[n].id: known[join] for n in members}
        elif len({chosen.rows[n].submitter for n in members}) >= _LEAST:
            old.update((len(fresh), was) for n in members if (was := chosen.rows[n].argument_id))
            fresh.append(members)
    made = _get_or_make_arguments(session, side, len(fresh), old)
    for row, members in zip(made, fresh, strict=True):
        centres[row.id] = found[members].mean(axis=0)
        placed |= {chosen.rows[n].id: row.id for n in members}
    _redirect_dissolved(side.arguments, {row.id for row in made} | side.kept, placed, chosen)
    _store_centres(session, centres)
    rest, live = free.rows[len(chosen.rows) :], {row.id for row in made}
    placed |= {row.id: row.argument_id if row.argument_id in live else None for row in rest}
    moved = {row.id: placed[row.id] for row in free.rows if row.argument_id != placed[row.id]}
    place_claims(session, moved)
    return len(moved)


def _get_or_make_arguments(
    session: Session, side: StanceGroup, size: int, old: Counter[tuple[int, int]]
) -> list[Argument]:
    """Return an argument for each group: the one that most of its statements were in, so that its URL is kept."""
    known: dict[int, int] = {}
    for (group, argument), _n in sorted(old.items(), key=lambda pair: (-pair[1], pair[0])):
        if group not in known and argument not in known.values():
            known[group] = argument
    rows = []
    for group in range(size):
        row = session.get(Argument, known[group]) if group in known else None
        if row is None:
            row = Argument(
                consultation_id=side.consultation_id, place=side.place, stance=side.stance, phrases=[], made_at=side.at
            )
            session.add(row)
            session.flush()
        rows.append(row)
    return rows


def _redirect_dissolved(
    arguments: Mapping[int, Argument], live: set[int], placed: Mapping[int, int | None], said: StatementSet
) -> None:
    """Redirect proposals without a group to the argument that has most of their statements now."""
    heirs = Counter((row.argument_id, placed[row.id]) for row in said.rows if row.argument_id and placed[row.id])
    for number in arguments.keys() - live:
        best = [(-n, new) for (was, new), n in heirs.items() if was == number and new]
        if best:
            arguments[number].merged_into_id = min(best)[1]


def _place_nearest(session: Session, said: StatementSet, space: VectorSpace, limits: Limits) -> None:
    """Assign statements on one part of the draft to the nearest arguments, if near enough, in batches."""
    if not said.rows:
        return
    first = said.rows[0]
    rows = session.execute(
        select(Argument.id, Argument.stance, Argument.centre)
        .where(
            Argument.consultation_id == first.consultation_id,
            Argument.place == first.place,
            Argument.merged_into_id.is_(None),
            Argument.centre.is_not(None),
            Argument.letter.is_(None),
            Argument.statements > 0,
        )
        .order_by(Argument.id)
    ).all()
    for stance in sorted({row.stance for row in rows}):
        ids = [row.id for row in rows if row.stance == stance]
        centres = np.stack([unpack_centre(row.centre, space.width) for row in rows if row.stance == stance])
        here = said.only(n for n, row in enumerate(said.rows) if row.stance == stance)
        for start in range(0, len(here.rows), _CHUNK):
            some = here.only(range(start, min(start + _CHUNK, len(here.rows))))
            found = clusters.find_nearest(space.sided(some.texts), centres, limits)
            nearest = [None if at is None else ids[at] for at in found]
            pairs = zip(some.rows, nearest, strict=True)
            place_claims(session, {row.id: number for row, number in pairs if row.argument_id != number})


@jobs.recentre.give
def recentre(session: Session, arguments: Iterable[int]) -> None:
    """Recompute the centres of arguments whose statements a person has moved."""
    for number in sorted(arguments):
        said = load_statements(session, Claim.argument_id == number, most=_CENTRE)
        ground = _load_grounds(session, said.rows[0].consultation_id, {said.rows[0].place}) if said.rows else []
        if ground and _is_usable(ground[0]):
            _store_centres(session, _compute_centres(said, _load_space(ground[0])))
    session.flush()


def _compute_centres(said: StatementSet, space: VectorSpace) -> dict[int, Floats]:
    centres = {}
    for number in sorted({row.argument_id for row in said.rows if row.argument_id}):
        texts = [text for row, text in zip(said.rows, said.texts, strict=True) if row.argument_id == number]
        centres[number] = space.sided(texts[:_CENTRE]).mean(axis=0)
    return centres


def _store_centres(session: Session, centres: Mapping[int, Floats]) -> None:
    rows = [{"id": number, "centre": centre.astype(np.float16).tobytes()} for number, centre in centres.items()]
    if rows:
        session.execute(update(Argument), rows)


@jobs.label.give
def label(session: Session, consultation_id: int, place: str) -> None:
    """Set working labels for all arguments on a part of the draft, each distinct from the others."""
    here = (Claim.consultation_id == consultation_id, Claim.place == place, Claim.argument_id.is_not(None))
    said = load_statements(session, *here, most=_MOST)
    texts: dict[int, list[str]] = {}
    for row, words in zip(said.rows, said.texts, strict=True):
        texts.setdefault(row.argument_id or 0, []).append(words)
    numbers = sorted(texts)
    labels = jobs_labels.find_phrases([texts[number] for number in numbers])
    if numbers:
        session.execute(
            update(Argument), [{"id": n, "phrases": found} for n, found in zip(numbers, labels, strict=True)]
        )


def _load_grounds(session: Session, consultation_id: int, places: Iterable[str]) -> Sequence[ArgumentGround]:
    return session.scalars(
        select(ArgumentGround).where(
            ArgumentGround.consultation_id == consultation_id, ArgumentGround.place.in_(sorted(places))
        )
    ).all()


def _store_space(session: Session, consultation_id: int, place: str, space: VectorSpace, size: int) -> None:
    session.merge(
        ArgumentGround(
            consultation_id=consultation_id,
            place=place,
            rule=RULE,
            terms=list(space.terms),
            size=size,
            fresh=0,
            weights=space.weights.astype(np.float16).tobytes(),
            fitted_at=now(),
            directions=space.directions.astype(np.float16).tobytes(),
            encoder=space.encoder,
        )
    )
    session.flush()


def _is_usable(row: ArgumentGround) -> bool:
    """Return True if new vectors can be compared with those from when the part was fitted."""
    return row.rule == RULE and row.encoder == encoder.name()


def _load_space(row: ArgumentGround) -> VectorSpace:
    size = len(row.terms)
    flat = np.frombuffer(row.directions, dtype=np.float16).astype(np.float32)
    directions = flat.reshape(size, len(flat) // max(1, size))
    weights = np.frombuffer(row.weights, dtype=np.float16).astype(np.float32)
    return VectorSpace(tuple(row.terms), weights, directions, row.encoder, row.size)


def unpack_centre(centre: bytes, width: int) -> Floats:
    """Return a stored centre, or zeros if it belongs to another vector space."""
    found = np.frombuffer(centre, dtype=np.float16).astype(np.float32)
    return found if len(found) == width else np.zeros(width, dtype=np.float32)
