"""Collection of the material of a digest in a fixed number of queries, each over new rows or over stored counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.case_studies import cited
from consult.consultations.model import Consultation
from consult.core.database.sql_files import read_sql
from consult.core.text import excerpt
from consult.core.web.requests import settings
from consult.digests import count_queries, quote_hashes
from consult.digests.content import amendment_queries, argument_queries, campaign_queries, papers, quotes
from consult.digests.content.answers import AnsweredArgument
from consult.digests.content.body import Body, ConsultationFacts, Erratum
from consult.digests.content.groups import TargetGroup
from consult.digests.content.material import DigestInput, DigestPlace, WindowNews
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CaseStudyRow, MarkedSentence
from consult.digests.content.slots import REVIEWED
from consult.digests.model import Cadence
from consult.documents import tags
from consult.documents import titles as short_titles
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import Kind
from consult.positions import counts as positions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.fields import COUNTED

EVENTS = (
    Kind.DRAFT_PUBLISHED,
    Kind.CONSULTATION_OPENED,
    Kind.CONSULTATION_EXTENDED,
    Kind.CONSULTATION_CHANGED,
    Kind.CONSULTATION_CLOSED,
    Kind.CONSULTATION_REOPENED,
    Kind.CONSULTATION_OPENING_UNDONE,
)
"""Ledger entries that are news besides submissions. Compiling a digest is not news."""
_NAMES = 5
_COUNTED = ("copied", "coverage", "group", "kind", "texts", *COUNTED)
_EACH = 3
_STUDIES, _MOST_STUDIES = 10, 200
"""The case studies listed in a digest, and those read to count the ones left out."""
_ANCHORS = 200
"""The number of newest comments used to find the sentence to mark."""
NO_IDS = "{}"
"""An empty PostgreSQL array of IDs."""
_ASKED = text("SELECT id, wording FROM readable_question WHERE consultation_id = :consultation ORDER BY position")

_NEWS = bind_kinds(read_sql(__file__, "window_news"))
"""Selects events of the window, and the contents of submissions published in it and not taken down again in it.

The counts must be as of `until`. Each submission is looked up by ID, so table statistics do not affect the plan. IDs
needed by the next statement are passed on as arrays in the server's text form.
"""
_WORDS = text(
    """
    WITH ranked AS (
        SELECT c.id, fresh.copies, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
            WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS place,
            row_number() OVER (
                PARTITION BY p.wid, c.question_id, c.stance ORDER BY fresh.copies > 1,
                fresh.nameless, abs(c.length - 160), c.id
            ) AS rank
        FROM unnest(CAST(:ids AS bigint[]), CAST(:copies AS int[]), CAST(:nameless AS bool[]), CAST(:member AS bool[]))
            AS fresh (id, copies, nameless, member) CROSS JOIN LATERAL (
            SELECT id, provision_id, question_id, stance, length(coalesce(redacted_body, body)) AS length, shown
            FROM readable_comment WHERE submission_id = fresh.id AND body <> ''
                AND counted_as IS DISTINCT FROM 'amendment' AND (question_id IS NULL
                OR (SELECT kind FROM readable_question WHERE id = question_id) = 'text') OFFSET 0
        ) AS c LEFT JOIN readable_provision p ON p.id = c.provision_id WHERE c.shown AND NOT fresh.member
    )
    SELECT r.id, said.submission, said.reference, r.place, said.stance, said.body, said.language, said.name,
        said.organisation, r.copies, said.kind
    FROM ranked r CROSS JOIN LATERAL (
        SELECT s.id AS submission, s.reference, coalesce(c.stance, '') AS stance,
            coalesce(c.redacted_body, c.body) AS body, c.language,
            s.public_name AS name, s.name_rule = 'organisation' AS organisation,
            CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation')
                ELSE s.submitter_kind END AS kind
        FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
        LEFT JOIN readable_organisation o ON o.id = s.organisation_id
        WHERE c.id = r.id OFFSET 0
    ) AS said
    WHERE r.rank <= :most ORDER BY r.place, said.stance, r.rank
    """
)
"""Selects candidates for quotes, with the fields of `QuotableComment`.

Common words of a letter are shown with the letter. The condition on published comments is applied outside, or an index
of all of them could be read for each submission.
"""
_ERRATA = bind_kinds(
    """
    SELECT DISTINCT q.comment_id, s.reference, d.id, d.edition, CASE
        WHEN s.state IN ('withheld', 'withdrawn', 'erased') THEN s.state
        WHEN c.redacted_body IS NOT NULL THEN 'redacted' ELSE 'amended' END AS gone,
        encode(q.sha256, 'hex') AS hash, CASE WHEN c.shown THEN coalesce(c.redacted_body, c.body) END AS words
    FROM readable_ledger e JOIN digest_quote q ON q.submission_id = e.subject_id
    JOIN digest d ON d.id = q.digest_id AND d.cadence = :cadence AND d.until <= :until
    JOIN readable_submission s ON s.id = q.submission_id LEFT JOIN readable_comment c ON c.id = q.comment_id
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind = ANY(:SUBMISSION_KINDS) AND e.kind <> :RECEIVED
    ORDER BY q.comment_id, d.id DESC
    """
)
"""Selects quoted comments that changed or were taken down since an edition quoted them."""


def collect_input(
    session: Session,
    consultation: Consultation,
    *,
    cadence: Cadence,
    edition: int,
    slot_at: datetime,
    from_at: datetime,
    since: int,
    until: int,
    before: Body | None = None,
) -> DigestInput:
    """Collect the material of one window. The counts must have followed the ledger to exactly `until`."""
    material = DigestInput(
        facts=build_facts(consultation),
        cadence=cadence,
        edition=edition,
        slot_at=slot_at,
        from_at=from_at,
        since=since,
        until=until,
        before=before,
        targets=build_targets(consultation),
        smallest=settings().smallest_group,
    )
    return _add_news(session, consultation, material)


def _add_news(session: Session, consultation: Consultation, material: DigestInput) -> DigestInput:
    """Return the material with the news of its window and all counts."""
    window = {"consultation": consultation.id, "since": material.since, "until": material.until}
    row = session.execute(_NEWS, {**window, "names": _NAMES, "letters": campaign_queries.MAX_CAMPAIGNS}).one()
    stances_new, texts_new = _count_by_place(row.said)
    short_answers = campaign_queries.list_short_answers(session, consultation.id)
    arguments = argument_queries.find_arguments(session, consultation.id, row.ids)
    studies = _list_studies(session, consultation.id)
    counted = _add_counts(session, consultation, material)
    return replace(
        counted,
        news=_build_news(row),
        sentences=_mark_sentences(session, consultation, [(stances_new, texts_new), (counted.stances, counted.texts)]),
        stances_new=stances_new,
        texts_new=texts_new,
        words=_list_quotable_comments(session, row),
        amendments=amendment_queries.list_amendments(session, consultation.id),
        copied=campaign_queries.add_sides(
            session, consultation.id, campaign_queries.list_with_new_copies(session, row.letters), material.slot_at
        ),
        short_answers=short_answers[: campaign_queries.MAX_SHORT_ANSWERS],
        answered=[AnsweredArgument(**one) for one in row.answered],
        errata=_list_errata(session, {**window, "cadence": str(material.cadence)}),
        arguments=arguments,
        studies=studies[:_STUDIES],
        left_out={
            "copied": row.all_letters - len(row.letters),
            "copies": int(row.all_copies) - sum(row.letters.values()),
            "short_answers": len(short_answers[campaign_queries.MAX_SHORT_ANSWERS :]),
            "arguments": argument_queries.count_checked(session, consultation.id) - len(arguments),
            "studies": len(studies[_STUDIES:]),
        },
    )


def _list_studies(session: Session, consultation_id: int) -> list[CaseStudyRow]:
    """Return the cited case studies, most cited first, with one query."""
    return [
        CaseStudyRow(
            slug=one.study.slug or "",
            reference=one.study.reference,
            title=one.study.title,
            comments=one.comments,
            certainty=one.study.certainty,
            appraised=one.study.appraised,
            outcome=one.study.outcome.value if one.study.outcome else None,
            withdrawn=one.study.withdrawn_at is not None,
        )
        for one in cited.list_cited_in(session, consultation_id, most=_MOST_STUDIES)
    ]


def _mark_sentences(
    session: Session,
    row: Consultation,
    counts: Sequence[tuple[Mapping[str, Mapping[str, int]], Mapping[str, int]]],
) -> dict[str, MarkedSentence]:
    """Return sentences that may be marked: of the paragraphs with most texts, in the window and in all.

    Uses one query, and those of the provisions if they are not cached.
    """
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    nodes = {node.wid: node for node in tree.by_id.values()}
    order = {wid: n for n, wid in enumerate(nodes)}
    chosen = {
        max(spoken, key=lambda wid: (texts.get(wid, 0), stances[wid].get(analysis.ANY_STANCE, 0), -order[wid]))
        for stances, texts in counts
        if (spoken := [wid for wid in stances if wid in nodes])
    }
    anchors = comments_queries.newest_anchors(session, [nodes[wid].id for wid in sorted(chosen)], each=_ANCHORS)
    sentences = {wid: quotes.mark_sentence(wid, nodes[wid].text, anchors.get(nodes[wid].id, ())) for wid in chosen}
    return {wid: sentence for wid, sentence in sentences.items() if sentence}


def _list_errata(session: Session, window: Mapping[str, Any]) -> list[Erratum]:
    """Return quoted comments whose published text changed or is gone, each with the last edition that quotes it."""
    found: dict[int, Erratum] = {}
    for *told, stored, words in session.execute(_ERRATA, window):
        if words is None or not quote_hashes.is_of(stored, words):
            found.setdefault(told[0], Erratum(*told))
    return list(found.values())


def _add_counts(session: Session, consultation: Consultation, material: DigestInput) -> DigestInput:
    """Return the material with counts of the whole consultation."""
    stances = analysis.count_by_place(session, consultation.id)
    reported = ("at", "day") if material.cadence in (Cadence.CLOSING, Cadence.DEMAND) else ()
    counts = count_queries.get_counts(session, consultation.id, (*_COUNTED, *reported))
    stands = argument_queries.get_snapshot(session, consultation.id)
    places = list_places(session, consultation, stances)
    return replace(
        material,
        totals=stands.totals,
        places=places,
        papers=papers.find_papers(session, consultation.id, places),
        stances=stances,
        texts=counts["texts"],
        counts={name: found for name, found in counts.items() if name != "texts"},
        topics=tags.list_topics(session, consultation.document_id),
        argued_upto=stands.upto,
        encoders=stands.encoders,
        covered=stands.covered,
        sides=positions.count_sides(session, consultation.id, as_of=material.slot_at),
        calls=campaign_queries.list_calls(session, consultation.id),
        reviewed=next(filter(None, (find(session, consultation.id) for find in REVIEWED.values())), None),
    )


def build_targets(row: Consultation) -> Sequence[TargetGroup]:
    """Return the groups that the owner wants to hear, with the target number of people."""
    return [TargetGroup("group", group["name"], group["target"], group["name"]) for group in row.groups]


def build_facts(row: Consultation) -> ConsultationFacts:
    """Return the data of the consultation copied into a digest."""
    return ConsultationFacts(
        slug=row.slug,
        code=row.code,
        title=row.title,
        body=row.body,
        language=row.language,
        timezone=row.timezone,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        answer_by=row.answer_by,
    )


def _build_news(row: Any) -> WindowNews:
    n = Counter({each["kind"]: each["n"] for each in row.kinds})
    return WindowNews(
        received=n[Kind.RECEIVED],
        published=row.published,
        returned=n[Kind.RETURNED],
        amended=n[Kind.AMENDED],
        replied=n[Kind.REPLIED],
        withheld=n[Kind.WITHHELD],
        withdrawn=n[Kind.WITHDRAWN],
        erased=n[Kind.ERASED],
        texts=row.texts,
        individual_texts=row.individual,
        organisations=row.organisations,
        names=row.names,
        events=[each["kind"] for each in row.kinds if each["kind"] in EVENTS],
    )


def list_places(session: Session, row: Consultation, said: Mapping[str, object]) -> Sequence[DigestPlace]:
    """Return provisions in the order of the draft, then the whole draft, then the questions."""
    titles = short_titles.list_titles(session, row.document_id)
    places = [
        DigestPlace(
            one.wid,
            "provision",
            one.key,
            one.name,
            excerpt(one.heading or one.text, 140),
            title=titles.get(one.wid, ""),
        )
        for one in comments_queries.get_provision_tree(session, row.version_id or 0).by_id.values()
    ]
    places.append(DigestPlace("", "whole", "", "", ""))
    places += [
        DigestPlace(f"q{number}", "question", str(n), str(n), excerpt(wording, 140))
        for n, (number, wording) in enumerate(session.execute(_ASKED, {"consultation": row.id}), start=1)
    ]
    here = {place.key for place in places}
    return places + [DigestPlace(key, "former", "", key, "") for key in said if key not in here]


def _list_quotable_comments(session: Session, news: Any) -> list[QuotableComment]:
    """Return published comments that may be quoted, the best few of each type on each part of the draft."""
    given = {name: getattr(news, name) for name in ("ids", "copies", "nameless", "member")} | {"most": _EACH}
    return [QuotableComment._make(row) for row in session.execute(_WORDS, given).all()]


def _count_by_place(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Return new submissions by part of the draft and type, and their distinct texts by part."""
    found: dict[str, dict[str, int]] = {}
    texts: dict[str, int] = {}
    for row in rows:
        place, _, stance = row["said"].partition(" ")
        found.setdefault(place, {})[stance] = row["n"]
        if stance == analysis.ANY_STANCE:
            texts[place] = row["texts"]
    return found, texts
