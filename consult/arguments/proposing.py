"""Proposing arguments at one place: like statements of one stance together, and what a person made left as it is.

All statements of a place are looked at together, so the groups do not depend on when they came. New ones meanwhile go
to the argument that they are nearest to, if near enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from consult.arguments import clusters, encoder, forbidding, naming, vectors
from consult.arguments.following import place_claims
from consult.arguments.model import Argument, Claim, Ground
from consult.arguments.queries import words_of
from consult.arguments.vectors import Floats, Space
from consult.core.clock import now

RULE = 1_000 * forbidding.RULE + 100 * vectors.RULE + 10 * clusters.RULE + naming.RULE
_LEAST = 2
"""Submitters of an argument that is proposed: what one alone says waits for another, or for a person."""
_MOST = 6_000
"""Statements of a stance that are compared; more are put where they are nearest."""
_CHUNK = 1_000


class One(NamedTuple):
    """What is known of one statement."""

    id: int
    consultation_id: int
    place: str
    stance: str
    argument_id: int | None
    kept: bool
    key: bytes
    proof: bytes
    submitter: str


@dataclass(frozen=True)
class Said:
    """Statements with their words, in an order that has nothing to do with when they came."""

    rows: Sequence[One]
    texts: Sequence[str]

    def only(self, numbers: Iterable[int]) -> Said:
        chosen = list(numbers)
        return Said([self.rows[n] for n in chosen], [self.texts[n] for n in chosen])


@dataclass(frozen=True)
class Side:
    """What is said at one place with one stance, and the arguments that are there."""

    consultation_id: int
    place: str
    stance: str
    said: Said
    arguments: Mapping[int, Argument]
    at: datetime  # of what is made now

    @property
    def kept(self) -> set[int]:
        """The arguments that a person has worked on."""
        return {number for number, row in self.arguments.items() if row.kept}

    @property
    def free(self) -> Said:
        """The statements that no person has put anywhere."""
        kept = self.kept
        return self.said.only(n for n, row in enumerate(self.said.rows) if not row.kept and row.argument_id not in kept)

    @property
    def held(self) -> Said:
        kept = self.kept
        return self.said.only(n for n, row in enumerate(self.said.rows) if row.argument_id in kept)


def propose(session: Session, *, consultation_id: int, place: str, at: datetime) -> bool:
    """Groups the statements of a place anew, as far as no person has; says whether that changed anything.

    Safe to repeat: the same gives the same.
    """
    said = _said(session, Claim.consultation_id == consultation_id, Claim.place == place)
    space = vectors.fit(said.texts, encoder.name())
    near = clusters.near_among(len(said.rows), mixed=bool(space.encoder))
    _keep(session, consultation_id, place, space, len(said.rows))
    arguments = {row.id: row for row in session.scalars(
        select(Argument).where(Argument.consultation_id == consultation_id, Argument.place == place,
                               Argument.merged_into_id.is_(None)))}  # fmt: skip
    moved = 0
    for stance in sorted({row.stance for row in said.rows} | {row.stance for row in arguments.values()}):
        here = said.only(n for n, row in enumerate(said.rows) if row.stance == stance)
        there = {number: row for number, row in arguments.items() if row.stance == stance}
        moved += _stance(session, Side(consultation_id, place, stance, here, there, at), space, near)
    session.flush()
    label(session, consultation_id, place)
    return moved > 0


def place_fresh(session: Session, *, consultation_id: int, claim_ids: Sequence[int]) -> None:
    """New statements go to the argument of their place and stance that they are nearest to, if near enough."""
    said = _said(session, Claim.id.in_(claim_ids), Claim.argument_id.is_(None), ~Claim.kept)
    grounds = {row.place: row for row in _grounds(session, consultation_id, {row.place for row in said.rows})}
    for place in sorted({row.place for row in said.rows}):
        here = said.only(n for n, row in enumerate(said.rows) if row.place == place)
        ground = grounds.get(place)
        if ground is None:
            ground = Ground(consultation_id=consultation_id, place=place, fresh=0, size=0, rule=0)
            session.add(ground)
        ground.fresh += len(here.rows)
        if _usable(ground):
            near = clusters.near_among(ground.size, mixed=bool(ground.encoder))
            _nearest(session, here, _space(ground), near)
    session.flush()


def _stance(session: Session, side: Side, space: Space, near: float) -> int:
    """Free statements of one stance in groups; a group near to what a person keeps joins that. Gives how many moved."""
    free = side.free
    centres = _centres(side.held, space)
    chosen = free.only(range(min(len(free.rows), _MOST)))
    found, known = space.sided(chosen.texts), sorted(centres)
    groups = clusters.groups(found, [vectors.key(text) for text in chosen.texts], near)
    means = np.stack([found[members].mean(axis=0) for members in groups]) if groups else found
    joins = clusters.nearest(means, np.stack([centres[n] for n in known]) if known else means[:0], near)
    placed: dict[int, int | None] = {row.id: None for row in free.rows}
    old = Counter[tuple[int, int]]()
    fresh: list[list[int]] = []
    for members, join in zip(groups, joins, strict=True):
        if join is not None:
            placed |= {chosen.rows[n].id: known[join] for n in members}
        elif len({chosen.rows[n].submitter for n in members}) >= _LEAST:
            old.update((len(fresh), was) for n in members if (was := chosen.rows[n].argument_id))
            fresh.append(members)
    made = _made(session, side, len(fresh), old)
    for row, members in zip(made, fresh, strict=True):
        centres[row.id] = found[members].mean(axis=0)
        placed |= {chosen.rows[n].id: row.id for n in members}
    _leave(side.arguments, {row.id for row in made} | side.kept, placed, chosen)
    _store(session, centres)
    moved = {row.id: placed[row.id] for row in free.rows if row.argument_id != placed[row.id]}
    place_claims(session, moved)
    _nearest(session, free.only(range(len(chosen.rows), len(free.rows))), space, near)
    return len(moved)


def _made(session: Session, side: Side, size: int, old: Counter[tuple[int, int]]) -> list[Argument]:
    """An argument for each group: the one that most of its statements were in, so that its address stays."""
    known: dict[int, int] = {}
    for (group, argument), _n in sorted(old.items(), key=lambda pair: (-pair[1], pair[0])):
        if group not in known and argument not in known.values():
            known[group] = argument
    rows = []
    for group in range(size):
        row = session.get(Argument, known[group]) if group in known else None
        if row is None:
            row = Argument(consultation_id=side.consultation_id, place=side.place, stance=side.stance, phrases=[],
                           made_at=side.at)  # fmt: skip
            session.add(row)
            session.flush()
        rows.append(row)
    return rows


def _leave(arguments: Mapping[int, Argument], live: set[int], placed: Mapping[int, int | None], said: Said) -> None:
    """Proposals that no group took on: their address leads to where most of their statements are now."""
    heirs = Counter((row.argument_id, placed[row.id]) for row in said.rows if row.argument_id and placed[row.id])
    for number in arguments.keys() - live:
        best = [(-n, new) for (was, new), n in heirs.items() if was == number and new]
        if best:
            arguments[number].merged_into_id = min(best)[1]


def _nearest(session: Session, said: Said, space: Space, near: float) -> None:
    """Puts statements of one place into the arguments they are nearest to, a bounded number at a time."""
    if not said.rows:
        return
    first = said.rows[0]
    rows = session.execute(
        select(Argument.id, Argument.stance, Argument.centre)
        .where(Argument.consultation_id == first.consultation_id, Argument.place == first.place,
               Argument.merged_into_id.is_(None), Argument.centre.is_not(None), Argument.statements > 0)
        .order_by(Argument.id)
    ).all()  # fmt: skip
    for stance in sorted({row.stance for row in rows}):
        ids = [row.id for row in rows if row.stance == stance]
        centres = np.stack([unpacked(row.centre, space.width) for row in rows if row.stance == stance])
        here = said.only(n for n, row in enumerate(said.rows) if row.stance == stance)
        for start in range(0, len(here.rows), _CHUNK):
            some = here.only(range(start, min(start + _CHUNK, len(here.rows))))
            found = clusters.nearest(space.sided(some.texts), centres, near)
            pairs = zip(some.rows, found, strict=True)
            place_claims(session, {row.id: ids[at] for row, at in pairs if at is not None})


def centre_anew(session: Session, arguments: Iterable[int]) -> None:
    """The centres of arguments whose statements a person has moved."""
    for number in sorted(arguments):
        said = _said(session, Claim.argument_id == number, most=_MOST)
        ground = _grounds(session, said.rows[0].consultation_id, {said.rows[0].place}) if said.rows else []
        if ground and _usable(ground[0]):
            _store(session, _centres(said, _space(ground[0])))
    session.flush()


def _centres(said: Said, space: Space) -> dict[int, Floats]:
    found = {}
    for number in sorted({row.argument_id for row in said.rows if row.argument_id}):
        texts = [text for row, text in zip(said.rows, said.texts, strict=True) if row.argument_id == number]
        found[number] = space.sided(texts[:_MOST]).mean(axis=0)
    return found


def _store(session: Session, centres: Mapping[int, Floats]) -> None:
    rows = [{"id": number, "centre": centre.astype(np.float16).tobytes()} for number, centre in centres.items()]
    if rows:
        session.execute(update(Argument), rows)


def label(session: Session, consultation_id: int, place: str) -> None:
    """Working labels for all arguments of a place, told from one another."""
    here = (Claim.consultation_id == consultation_id, Claim.place == place, Claim.argument_id.is_not(None))
    said = _said(session, *here, most=_MOST)
    texts: dict[int, list[str]] = {}
    for row, words in zip(said.rows, said.texts, strict=True):
        texts.setdefault(row.argument_id or 0, []).append(words)
    numbers = sorted(texts)
    labels = naming.phrases([texts[number] for number in numbers])
    if numbers:
        session.execute(
            update(Argument), [{"id": n, "phrases": found} for n, found in zip(numbers, labels, strict=True)]
        )


def _said(session: Session, *where: ColumnElement[bool], most: int | None = None) -> Said:
    """Statements with their words, by the key of these; those whose words may not be read are left out."""
    columns = [getattr(Claim, name) for name in One._fields]
    query = select(*columns).where(*where).order_by(Claim.key, Claim.id).limit(most)
    rows = {row.id: One(*row) for row in session.execute(query)}
    words = words_of(session, rows)
    order = sorted(words, key=lambda number: (bytes(rows[number].key), bytes(rows[number].proof), number))
    return Said([rows[number] for number in order], [words[number] for number in order])


def _grounds(session: Session, consultation_id: int, places: Iterable[str]) -> Sequence[Ground]:
    return session.scalars(
        select(Ground).where(Ground.consultation_id == consultation_id, Ground.place.in_(sorted(places)))
    ).all()


def _keep(session: Session, consultation_id: int, place: str, space: Space, size: int) -> None:
    session.merge(
        Ground(
            consultation_id=consultation_id, place=place, rule=RULE, terms=list(space.terms), size=size, fresh=0,
            weights=space.weights.astype(np.float16).tobytes(), fitted_at=now(),
            directions=space.directions.astype(np.float16).tobytes(), encoder=space.encoder,
        )
    )  # fmt: skip
    session.flush()


def _usable(row: Ground) -> bool:
    """Whether vectors made now can be compared with those of when a place was fitted."""
    return row.rule == RULE and row.encoder == encoder.name()


def _space(row: Ground) -> Space:
    size = len(row.terms)
    flat = np.frombuffer(row.directions, dtype=np.float16).astype(np.float32)
    directions = flat.reshape(size, len(flat) // max(1, size))
    weights = np.frombuffer(row.weights, dtype=np.float16).astype(np.float32)
    return Space(tuple(row.terms), weights, directions, row.encoder)


def unpacked(centre: bytes, width: int) -> Floats:
    """A stored centre; nothing is near to one of another space."""
    found = np.frombuffer(centre, dtype=np.float16).astype(np.float32)
    return found if len(found) == width else np.zeros(width, dtype=np.float32)
