"""Incremental counts of decisions, appeals and reports, updated from the ledger.

One follower updates `process_count` and `process_time`, so a page reads a few hundred rows at most.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import csv_line
from consult.core.web.template_filters import fraction
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import bind_kinds, get_public_name
from consult.ledger.model import Kind
from consult.moderation.recourse.model import ProcessCount, ProcessTime

DECISION_KINDS = ("published", "hidden", "returned", "withheld")
IMPORTED, TOGETHER = "imported", "together"
"""Imports moderated elsewhere, and decisions made in bulk."""
DIMENSIONS = ("queue", "reason", "language", "stance")
MIN_PUBLIC_COUNT = 10
"""Smaller counts are not published, because few decisions could identify somebody."""
ROUNDING_STEP = 5
TIME_SCALE = 1.25
"""Ratio between steps of the duration scale, so a median is accurate within a quarter."""
_FRESH = """
    SELECT e.kind, e.consultation_id, e.at, e.detail, coalesce(e.reason, '') AS reason, s.language, s.received_at,
        coalesce(d.queue, '') AS queue, coalesce(d.revision, 0) AS revision, c.stance,
        CASE
            WHEN e.kind = :PUBLISHED AND e.actor IS NULL AND NOT e.detail ? 'policy' THEN 'imported'
            WHEN e.kind = :PUBLISHED AND coalesce((e.detail ->> 'covered')::int, 0) > 0 THEN 'hidden'
            WHEN e.kind = :REPORT_ANSWERED THEN 'report.' || coalesce(e.detail ->> 'outcome', '')
            WHEN e.kind = ANY(:SUBMISSION_KINDS) THEN split_part(e.kind, '.', 2)
            ELSE e.kind
        END AS what
    FROM readable_ledger e CROSS JOIN LATERAL (
        SELECT language, received_at FROM readable_submission WHERE id = e.subject_id OFFSET 0
    ) AS s LEFT JOIN LATERAL (
        SELECT queue, revision FROM decision WHERE submission_id = e.subject_id AND ended_at = e.at
            AND ended = 'took_effect' AND e.kind = ANY(:SUBMISSION_KINDS) OFFSET 0
    ) AS d ON true CROSS JOIN LATERAL (
        SELECT CASE WHEN count(DISTINCT counted_as) > 1 THEN 'several' ELSE coalesce(max(counted_as), '') END AS stance
        FROM readable_comment WHERE submission_id = e.subject_id
    ) AS c
    WHERE e.number >= :since AND e.number < :until AND e.kind = ANY(:kinds)
"""
"""Entries, each with values looked up by its number. A join could read all of them once for each entry. Decisions have
a policy version. Only imports have neither policy nor actor.
"""
_COUNT = bind_kinds(
    f"""
    INSERT INTO process_count (consultation_id, what, queue, reason, language, stance, n)
    SELECT consultation_id, counted.what, queue, reason, language, stance, count(*) FROM ({_FRESH}) AS fresh
    CROSS JOIN unnest(ARRAY[fresh.what] || CASE WHEN detail ? 'batch' THEN ARRAY['{TOGETHER}'] ELSE '{{}}' END)
        AS counted (what)
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (consultation_id, what, queue, reason, language, stance) DO UPDATE SET n = process_count.n + excluded.n
    """  # noqa: S608 - constants only
)
_TIME = bind_kinds(
    f"""
    INSERT INTO process_time (consultation_id, step, n)
    SELECT consultation_id, floor(ln(greatest(extract(epoch FROM at - received_at) / 60, 0) + 1) / ln(:scale))::int,
        count(*)
    FROM ({_FRESH}) AS fresh
    WHERE revision = 1 AND detail ->> 'was' = 'pending' GROUP BY 1, 2
    ON CONFLICT (consultation_id, step) DO UPDATE SET n = process_time.n + excluded.n
    """  # noqa: S608 - constants only
)
_KINDS = (
    Kind.PUBLISHED,
    Kind.RETURNED,
    Kind.WITHHELD,
    Kind.APPEAL_FILED,
    Kind.APPEAL_REJECTED,
    Kind.APPEAL_ACCEPTED,
    Kind.APPEAL_LAPSED,
    Kind.REPORT_FILED,
    Kind.REPORT_ANSWERED,
)


@dataclass(frozen=True)
class StatisticsRow:
    """Counts by kind for one value of a dimension. An empty name means no value."""

    name: str
    counts: Mapping[str, int]

    @property
    def decided(self) -> int:
        return sum(self.counts.get(what, 0) for what in DECISION_KINDS)

    def share(self, what: str) -> float | None:
        """Return the share of the decisions of this kind, or None without decisions."""
        return self.counts.get(what, 0) / self.decided if self.decided else None

    def interval(self, what: str) -> tuple[float, float]:
        """Return the 95% confidence interval of the share. Needs at least one decision."""
        return wilson_interval(self.counts.get(what, 0), self.decided)

    def unlike(self, whole: StatisticsRow, what: str) -> bool:
        """Return whether the share differs significantly (95%) from that of all other values."""
        others = StatisticsRow("", {key: whole.counts.get(key, 0) - self.counts.get(key, 0) for key in DECISION_KINDS})
        if self.decided < MIN_PUBLIC_COUNT or others.decided < MIN_PUBLIC_COUNT:
            return False
        (low, high), (least, most) = (wilson_interval(row.counts.get(what, 0), row.decided) for row in (self, others))
        return high < least or low > most


@dataclass(frozen=True)
class ModerationStatistics:
    """Moderation statistics in total and by dimension. If `public`, small counts are omitted and others rounded."""

    whole: StatisticsRow
    by: Mapping[str, Sequence[StatisticsRow]]
    minutes: float | None  # half of the first decisions came within this
    public: bool = False

    @property
    def answered(self) -> int | None:
        """Return the number of answered appeals, or None in public if one outcome is too rare to publish."""
        kinds = [get_public_name(kind) for kind in (Kind.APPEAL_REJECTED, Kind.APPEAL_ACCEPTED)]
        if self.public and any(kind not in self.whole.counts for kind in kinds):
            return None
        return sum(self.whole.counts.get(kind, 0) for kind in kinds)

    @property
    def imported(self) -> int:
        """Return the number of submissions moderated elsewhere before import."""
        return self.whole.counts.get(IMPORTED, 0)

    @property
    def together(self) -> int:
        """Return the number of decisions made in bulk."""
        return self.whole.counts.get(TOGETHER, 0)

    def shown_columns(self, dimension: str, columns: Sequence[str]) -> list[str]:
        """Return the columns that contain values. In public small counts are omitted."""
        rows = self.by[dimension]
        return [what for what in columns if not self.public or any(what in row.counts for row in rows)]

    def list_drawn(self, dimension: str, what: str) -> list[StatisticsRow]:
        """Return the rows with at least MIN_PUBLIC_COUNT decisions, in public only those with a published count."""
        rows = [row for row in self.by[dimension] if row.decided >= MIN_PUBLIC_COUNT]
        return [row for row in rows if not self.public or what in row.counts]

    def list_rare(self, dimension: str) -> list[StatisticsRow]:
        """Return the rows with fewer than MIN_PUBLIC_COUNT decisions, which charts of percentages omit."""
        return [row for row in self.by[dimension] if row.decided < MIN_PUBLIC_COUNT]

    @property
    def reports(self) -> int:
        return self.whole.counts.get(Kind.REPORT_FILED, 0)


def _count_window(session: Session, window: Window) -> None:
    """Add the entries of a window to the counts."""
    given = {"since": window.since, "until": window.until, "kinds": FOLLOWER.kind_values}
    session.execute(_COUNT, given)
    session.execute(_TIME, {**given, "scale": TIME_SCALE})


FOLLOWER = Follower("moderation.statistics", _KINDS, _count_window, step=2_000, site=True)


def get_statistics(
    session: Session, *, consultation_id: int | None = None, public: bool = False
) -> ModerationStatistics:
    """Return the statistics of one consultation, or of all. Two statements."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    columns = [getattr(ProcessCount, name) for name in DIMENSIONS]
    query = select(ProcessCount.what, *columns, func.sum(ProcessCount.n)).group_by(ProcessCount.what, *columns)
    if consultation_id is not None:
        query = query.where(ProcessCount.consultation_id == consultation_id)
    for what, *values, n in session.execute(query):
        found[""][""][get_public_name(what)] += int(n)
        for name, value in zip(DIMENSIONS, values, strict=True):
            if what in DECISION_KINDS:
                found[name][value][what] += int(n)
    by = {
        name: sorted((StatisticsRow(value, counts) for value, counts in found[name].items()), key=_order)
        for name in DIMENSIONS
    }
    made = ModerationStatistics(StatisticsRow("", found[""][""]), by, _median(session, consultation_id))
    return round_for_public(made) if public else made


def round_for_public(exact: ModerationStatistics) -> ModerationStatistics:
    """Return the public statistics: counts below MIN_PUBLIC_COUNT omitted, others rounded to ROUNDING_STEP.

    >>> counts = StatisticsRow("", {"published": 43, "withheld": 3})
    >>> round_for_public(ModerationStatistics(counts, {}, None)).whole.counts
    {'published': 45}
    """

    def row(given: StatisticsRow) -> StatisticsRow:
        return StatisticsRow(
            given.name,
            {
                what: round(n / ROUNDING_STEP) * ROUNDING_STEP
                for what, n in given.counts.items()
                if n >= MIN_PUBLIC_COUNT
            },
        )

    by = {name: [kept for kept in map(row, rows) if kept.decided] for name, rows in exact.by.items()}
    whole = row(exact.whole)
    return ModerationStatistics(whole, by, exact.minutes if whole.decided else None, public=True)


def wilson_interval(part: int, whole: int) -> tuple[float, float]:
    """Return the 95% confidence interval of a share. Source: Wilson 1927, the score interval.

    >>> [round(end, 2) for end in wilson_interval(5, 50)]
    [0.04, 0.21]
    >>> wilson_interval(55, 55)[1]
    1.0
    """
    z = 1.96
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return round(max(0.0, middle - half), 9), round(min(1.0, middle + half), 9)


def statistics_csv(made: ModerationStatistics) -> Iterator[str]:
    """Yield the statistics as CSV, a line for each value and kind."""
    yield csv_line(["dimension", "value", "what", "count", "share"])
    whole = [("", "", what, n, "") for what, n in sorted(made.whole.counts.items())]
    parts = [
        (name, row.name, what, row.counts[what], fraction(row.counts[what], row.decided, 3))
        for name, rows in made.by.items()
        for row in rows
        for what in DECISION_KINDS
        if what in row.counts
    ]
    for line in [*whole, *parts]:
        yield csv_line(line)


def get_consultation(session: Session, slug: str) -> Consultation:
    """Return the consultation with this slug. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    if row is None:
        raise NotFound(_("We cannot find this consultation."))
    return row


def _order(row: StatisticsRow) -> tuple[int, str]:
    return -row.decided, row.name


def _median(session: Session, consultation_id: int | None) -> float | None:
    """Return the median time to the first decision in minutes, to a step of the scale."""
    query = select(ProcessTime.step, func.sum(ProcessTime.n)).group_by(ProcessTime.step).order_by(ProcessTime.step)
    if consultation_id is not None:
        query = query.where(ProcessTime.consultation_id == consultation_id)
    steps = [(int(step), int(n)) for step, n in session.execute(query)]
    half, seen = sum(n for _step, n in steps) / 2, 0
    for step, n in steps:
        seen += n
        if seen >= half:
            return TIME_SCALE ** (step + 1) - 1
    return None
