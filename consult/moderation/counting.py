"""Counts of decisions, appeals and reports, kept up with the ledger: what they cost is what is new.

One follower adds to `process_count` and `process_time`, so a page reads a few hundred rows whatever was decided.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.db import try_lock
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import csv_line
from consult.moderation.model import Following
from consult.moderation.recourse import ProcessCount, ProcessTime

STEP = 2000
DECIDED = ("published", "hidden", "returned", "withheld")
DIMENSIONS = ("queue", "reason", "language", "stance")
FLOOR = 10
"""Public counts below this are not told: few decisions could tell of somebody."""
ROUND = 5
SCALE = 1.25
"""Each step of the scale of times is longer than the one before by this: a median is told within a quarter."""
_CURSOR = 2
_FRESH = """
    SELECT e.kind, e.consultation_id, e.at, e.detail, coalesce(e.reason, '') AS reason, s.language, s.received_at,
        coalesce(d.queue, '') AS queue, coalesce(d.revision, 0) AS revision, c.stance,
        CASE
            WHEN e.kind = 'submission.published' AND coalesce((e.detail ->> 'covered')::int, 0) > 0 THEN 'hidden'
            WHEN e.kind = 'report.answered' THEN 'report.' || coalesce(e.detail ->> 'outcome', '')
            ELSE replace(e.kind, 'submission.', '')
        END AS what
    FROM ledger e
    JOIN submission s ON s.id = e.subject_id
    LEFT JOIN decision d ON d.submission_id = e.subject_id AND d.ended_at = e.at AND d.ended = 'took_effect'
        AND e.kind LIKE 'submission.%'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(DISTINCT stance) > 1 THEN 'several' ELSE coalesce(max(stance), '') END AS stance
        FROM comment WHERE submission_id = s.id
    ) AS c
    WHERE e.number >= :since AND e.number < :until AND e.kind = ANY(:kinds)
"""
_COUNT = text(
    f"""
    INSERT INTO process_count (consultation_id, what, queue, reason, language, stance, n)
    SELECT consultation_id, what, queue, reason, language, stance, count(*) FROM ({_FRESH}) AS fresh
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (consultation_id, what, queue, reason, language, stance) DO UPDATE SET n = process_count.n + excluded.n
    """  # noqa: S608 - constants only
)
_TIME = text(
    f"""
    INSERT INTO process_time (consultation_id, step, n)
    SELECT consultation_id, floor(ln(greatest(extract(epoch FROM at - received_at) / 60, 0) + 1) / ln(:scale))::int,
        count(*)
    FROM ({_FRESH}) AS fresh
    WHERE revision = 1 AND detail ->> 'was' = 'pending' GROUP BY 1, 2
    ON CONFLICT (consultation_id, step) DO UPDATE SET n = process_time.n + excluded.n
    """  # noqa: S608 - constants only
)
_KINDS = [
    "submission.published", "submission.returned", "submission.withheld", "appeal.filed", "appeal.upheld",
    "appeal.overturned", "appeal.lapsed", "report.filed", "report.answered",
]  # fmt: skip
_LAST = text(
    "SELECT max(number) FROM (SELECT number FROM ledger WHERE number >= :since ORDER BY number LIMIT :most) AS fresh"
)


@dataclass(frozen=True)
class Row:
    """How often what was decided, for one value of a dimension; empty where there is none."""

    name: str
    counts: Mapping[str, int]

    @property
    def decided(self) -> int:
        return sum(self.counts.get(what, 0) for what in DECIDED)

    def share(self, what: str) -> float | None:
        """The part of the decisions that were this; None where there are none."""
        return self.counts.get(what, 0) / self.decided if self.decided else None

    def unlike(self, whole: Row, what: str) -> bool:
        """Whether its share differs from that of all the others by more than chance would, 19 times out of 20."""
        others = Row("", {key: whole.counts.get(key, 0) - self.counts.get(key, 0) for key in DECIDED})
        if self.decided < FLOOR or others.decided < FLOOR:
            return False
        (low, high), (least, most) = (interval(row.counts.get(what, 0), row.decided) for row in (self, others))
        return high < least or low > most


@dataclass(frozen=True)
class Statistics:
    """What moderation did: in all, and by each dimension. `public`: small counts are left out and others rounded."""

    whole: Row
    by: Mapping[str, Sequence[Row]]
    minutes: float | None  # half of the first decisions came within this
    public: bool = False

    @property
    def answered(self) -> int | None:
        """How many appeals were answered; None in public where one kind of answer is too rare to be told."""
        kinds = ("appeal.upheld", "appeal.overturned")
        if self.public and any(kind not in self.whole.counts for kind in kinds):
            return None
        return sum(self.whole.counts.get(kind, 0) for kind in kinds)

    @property
    def reports(self) -> int:
        return self.whole.counts.get("report.filed", 0)


def follow(session: Session, *, most: int = STEP) -> int:
    """Counts what the next entries of the ledger say; gives how many entries there were. Two at once: the second 0."""
    if not try_lock(session, "moderation.counting"):
        return 0
    cursor = session.get(Following, _CURSOR)
    if cursor is None:
        cursor = Following(id=_CURSOR, upto=1)
        session.add(cursor)
    last = session.scalar(_LAST, {"since": cursor.upto, "most": most})
    if last is None:
        return 0
    seen = int(last) + 1 - cursor.upto
    given = {"since": cursor.upto, "until": int(last) + 1, "kinds": _KINDS}
    session.execute(_COUNT, given)
    session.execute(_TIME, {**given, "scale": SCALE})
    cursor.upto = int(last) + 1
    session.flush()
    return seen


def statistics(session: Session, *, consultation_id: int | None = None, public: bool = False) -> Statistics:
    """The counts of one consultation, or of all. Two statements, whatever was decided."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    columns = [getattr(ProcessCount, name) for name in DIMENSIONS]
    query = select(ProcessCount.what, *columns, func.sum(ProcessCount.n)).group_by(ProcessCount.what, *columns)
    if consultation_id is not None:
        query = query.where(ProcessCount.consultation_id == consultation_id)
    for what, *values, n in session.execute(query):
        found[""][""][what] += int(n)
        for name, value in zip(DIMENSIONS, values, strict=True):
            if what in DECIDED:
                found[name][value][what] += int(n)
    by = {
        name: sorted((Row(value, counts) for value, counts in found[name].items()), key=_order) for name in DIMENSIONS
    }
    made = Statistics(Row("", found[""][""]), by, _median(session, consultation_id))
    return rounded(made) if public else made


def rounded(exact: Statistics) -> Statistics:
    """What the public may read: counts below FLOOR left out, the others to the nearest ROUND.

    >>> rounded(Statistics(Row("", {"published": 43, "withheld": 3}), {}, None)).whole.counts
    {'published': 45}
    """

    def row(given: Row) -> Row:
        return Row(given.name, {what: round(n / ROUND) * ROUND for what, n in given.counts.items() if n >= FLOOR})

    by = {name: [kept for kept in map(row, rows) if kept.decided] for name, rows in exact.by.items()}
    whole = row(exact.whole)
    return Statistics(whole, by, exact.minutes if whole.decided else None, public=True)


def interval(part: int, whole: int) -> tuple[float, float]:
    """Between which shares the true one lies, 19 times out of 20. Source: Wilson 1927, the score interval.

    >>> [round(end, 2) for end in interval(5, 50)]
    [0.04, 0.21]
    """
    z = 1.96
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return middle - half, middle + half


def as_csv(made: Statistics) -> Iterator[str]:
    """The counts as a table: a line for each value and decision."""
    yield csv_line(["dimension", "value", "what", "count", "share"])
    whole = [("", "", what, n, "") for what, n in sorted(made.whole.counts.items())]
    parts = [
        (name, row.name, what, row.counts[what], f"{row.share(what) or 0:.3f}")
        for name, rows in made.by.items() for row in rows for what in DECIDED if what in row.counts
    ]  # fmt: skip
    for line in [*whole, *parts]:
        yield csv_line(line)


def named(session: Session, slug: str) -> Consultation:
    """The consultation of an address. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    if row is None:
        raise NotFound(_("There is no such consultation."))
    return row


def _order(row: Row) -> tuple[int, str]:
    return -row.decided, row.name


def _median(session: Session, consultation_id: int | None) -> float | None:
    """Within how many minutes half of the first decisions came, to a step of the scale."""
    query = select(ProcessTime.step, func.sum(ProcessTime.n)).group_by(ProcessTime.step).order_by(ProcessTime.step)
    if consultation_id is not None:
        query = query.where(ProcessTime.consultation_id == consultation_id)
    steps = [(int(step), int(n)) for step, n in session.execute(query)]
    half, seen = sum(n for _step, n in steps) / 2, 0
    for step, n in steps:
        seen += n
        if seen >= half:
            return SCALE ** (step + 1) - 1
    return None
