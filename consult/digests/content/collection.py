# ruff: noqa: S608 - statements put together from constants of this file
"""Reads what a digest is made of: a fixed number of statements, each over what is new or over counts kept ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.calls import queries as calls
from consult.case_studies import cited
from consult.consultations.model import Consultation
from consult.core.text import excerpt
from consult.core.web.requests import settings
from consult.digests import quote_hashes
from consult.digests.content import argument_queries, campaign_queries, count_queries, quotes
from consult.digests.content.answers import AnsweredArgument
from consult.digests.content.body import Body, ConsultationFacts, Erratum
from consult.digests.content.groups import TargetGroup
from consult.digests.content.material import DigestInput, DigestPlace, WindowNews
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CallRow, CaseStudyRow, MarkedSentence
from consult.digests.model import Cadence
from consult.digests.slots import REVIEWED
from consult.documents import tags
from consult.documents import titles as short_titles
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import Kind
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
"""What is news beside submissions. A digest that was compiled is none."""
_NAMES = 5
_COUNTED = ("copied", "coverage", "group", "kind", "texts", *COUNTED)
_EACH = 3
_ANCHORS = 200
"""Comments by whose words a sentence is marked: the newest."""
NO_IDS = "{}"
"""Ids of nothing, in the form of PostgreSQL's arrays."""
_ASKED = text("SELECT id, wording FROM readable_question WHERE consultation_id = :consultation ORDER BY position")

_ENTRIES = """entries AS MATERIALIZED (
        SELECT kind, subject_id, number FROM readable_ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until
    )"""
"""The entries of the window."""
_MOVED = """moved AS MATERIALIZED (
        SELECT e.*, a.*, g.* FROM (
            SELECT subject_id AS id, bool_or(kind = :RECEIVED) AS arrived,
                bool_or(kind = :PUBLISHED) AS published
            FROM entries WHERE kind IN (:RECEIVED, :PUBLISHED) GROUP BY subject_id
        ) AS e CROSS JOIN LATERAL (
            SELECT state, organisation, text_hash, places FROM readable_analysis_counted
            WHERE submission_id = e.id OFFSET 0
        ) AS a CROSS JOIN LATERAL (
            SELECT received AS copies, campaign_id, contrary AS turned FROM readable_text_group
            WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
        ) AS g
    )"""
"""The submissions that came or were published in it, each with its text as it is counted."""
_FRESH = """fresh AS NOT MATERIALIZED (
        SELECT id, organisation, text_hash, places, copies, turned FROM moved WHERE published AND state = 'published'
    ), named AS (
        SELECT min(id) AS first FROM fresh WHERE organisation IS NOT NULL GROUP BY organisation
    )"""
"""Of these the ones that were published and still are; `named`: the first of each organisation."""
_TEXTS = """texts AS (
        SELECT count(*) AS n, count(*) FILTER (WHERE campaign_number IS NULL) AS individual FROM readable_text_group
        WHERE consultation_id = :consultation AND first_number >= :since AND first_number < :until AND received > 0
    ), sayings AS (
        SELECT said, count(*) AS n, count(DISTINCT text_hash) AS texts FROM (
            SELECT unnest(places) COLLATE "C" AS said, text_hash FROM fresh
        ) AS each GROUP BY said
    ), letters AS (
        SELECT campaign_id AS id, count(*) AS n FROM moved WHERE arrived AND campaign_id IS NOT NULL
        GROUP BY campaign_id ORDER BY count(*) DESC, campaign_id LIMIT :letters
    )"""
"""Texts that came, what is said where, and the letters of which most copies came."""
_ANSWERS = """answers AS (
        SELECT DISTINCT ON (a.id) a.*, said.outcome FROM entries e CROSS JOIN LATERAL (
            SELECT detail ->> 'outcome' AS outcome, detail ->> 'was' AS was FROM readable_ledger
            WHERE number = e.number OFFSET 0
        ) AS said CROSS JOIN LATERAL (
            SELECT coalesce(merged_into_id, id) AS id FROM readable_argument WHERE id = e.subject_id OFFSET 0
        ) AS m CROSS JOIN LATERAL (
            SELECT id, coalesce(name, '') AS name, NOT checked AS suggested, place, voices
            FROM readable_argument WHERE id = m.id OFFSET 0
        ) AS a
        WHERE e.kind = ANY(:RESPONSE_KINDS) AND said.was IS DISTINCT FROM said.outcome ORDER BY a.id, e.number DESC
    )"""
"""Arguments whose answer is another than before, each with the last."""
_LISTED = """listed AS (
        SELECT count(*) AS published, array_agg(id) AS ids, array_agg(copies) AS copies,
            array_agg(organisation IS NULL) AS nameless, array_agg(turned) AS turned FROM fresh
    )"""
"""The published ones, as the next statement needs them."""
_NEWS = bind_kinds(
    f"""
    WITH {_ENTRIES}, {_MOVED}, {_FRESH}, {_TEXTS}, {_ANSWERS}, {_LISTED}
    SELECT texts.n AS texts, texts.individual, listed.published, (SELECT count(*) FROM named) AS organisations,
        CAST(coalesce(listed.ids, '{{}}') AS text) AS ids, CAST(coalesce(listed.copies, '{{}}') AS text) AS copies,
        CAST(coalesce(listed.nameless, '{{}}') AS text) AS nameless,
        CAST(coalesce(listed.turned, '{{}}') AS text) AS turned,
        ARRAY(SELECT (SELECT organisation_name FROM readable_submission WHERE id = first)
            FROM named ORDER BY first LIMIT :names) AS names,
        (SELECT coalesce(json_agg(k ORDER BY k.first), '[]') FROM (
            SELECT kind, count(DISTINCT subject_id) AS n, min(number) AS first FROM entries GROUP BY kind
        ) AS k) AS kinds,
        (SELECT coalesce(json_agg(sayings), '[]') FROM sayings) AS said,
        (SELECT coalesce(json_agg(answers), '[]') FROM answers) AS answered,
        (SELECT coalesce(jsonb_object_agg(id, n), '{{}}') FROM letters) AS letters
    FROM texts, listed
    """
)
"""What happened in the window, and what the submissions say that were published in it and not taken down again in it.

The counts must stand at `until`. Each submission is looked up once, by its number: what statistics say of the tables
decides nothing. What the next statement needs of them is handed on in arrays, in the form that the server wrote.
"""
_WORDS = text(
    """
    WITH ranked AS (
        SELECT c.id, fresh.copies, fresh.turned, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
            WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS place,
            row_number() OVER (
                PARTITION BY p.wid, c.question_id, c.stance ORDER BY fresh.turned, fresh.copies > 1,
                fresh.nameless, abs(c.length - 160), c.id
            ) AS rank
        FROM unnest(CAST(:ids AS bigint[]), CAST(:copies AS int[]), CAST(:nameless AS bool[]), CAST(:turned AS bool[]))
            AS fresh (id, copies, nameless, turned) CROSS JOIN LATERAL (
            SELECT id, provision_id, question_id, stance, length(coalesce(redacted_body, body)) AS length, shown
            FROM readable_comment WHERE submission_id = fresh.id AND body <> '' AND (question_id IS NULL
                OR (SELECT kind FROM readable_question WHERE id = question_id) = 'text') OFFSET 0
        ) AS c LEFT JOIN readable_provision p ON p.id = c.provision_id WHERE c.shown
    )
    SELECT r.id, said.submission, said.reference, r.place, said.stance, said.body, said.language, said.name,
        said.organisation, r.copies, said.kind, r.turned
    FROM ranked r CROSS JOIN LATERAL (
        SELECT s.id AS submission, s.reference, coalesce(c.stance, '') AS stance,
            coalesce(c.redacted_body, c.body) AS body, c.language,
            CASE s.name_rule WHEN 'organisation' THEN s.organisation_name WHEN 'own' THEN s.person_name END AS name,
            s.name_rule = 'organisation' AS organisation,
            CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation')
                ELSE s.submitter_kind END AS kind
        FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
        LEFT JOIN readable_organisation o ON o.id = s.organisation_id
        WHERE c.id = r.id OFFSET 0
    ) AS said
    WHERE r.rank <= :most ORDER BY r.place, said.stance, r.rank
    """
)
"""Candidates to quote, in the order of the fields of `Words`.

What is shown is chosen outside, or an index of all that is shown could be read for each submission.
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
"""Reads a digest's material in a fixed number of statements, each over new rows or over kept counts."""


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
    """The material of one window. The counts must have followed the ledger to exactly `until`."""
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
    """The material with what is new in its window, and with all counts."""
    window = {"consultation": consultation.id, "since": material.since, "until": material.until}
    row = session.execute(_NEWS, {**window, "names": _NAMES, "letters": campaign_queries.MAX_CAMPAIGNS}).one()
    stances_new, texts_new = _count_by_place(row.said)
    counted = _add_counts(session, consultation, material)
    return replace(
        counted,
        news=_build_news(row),
        sentences=_mark_sentences(session, consultation, [(stances_new, texts_new), (counted.stances, counted.texts)]),
        stances_new=stances_new,
        texts_new=texts_new,
        words=_list_quotable_comments(session, row),
        copied=campaign_queries.list_with_new_copies(session, row.letters),
        short_answers=campaign_queries.list_short_answers(session, consultation.id),
        answered=[AnsweredArgument(**one) for one in row.answered],
        errata=_list_errata(session, {**window, "cadence": str(material.cadence)}),
        arguments=argument_queries.find_arguments(session, consultation.id, row.ids),
    )


def _list_calls(session: Session, consultation_id: int) -> list[CallRow]:
    """The calls by which enough came to be told, the one by which most came first."""
    told = [one for one in calls.list_opened(session, consultation_id) if one.counts.is_told]
    rows = [
        CallRow(
            slug=one.call.slug, organisation=one.organisation.name, published=one.counts.published, own=one.counts.own
        )
        for one in told
    ]
    return sorted(rows, key=lambda row: (-row.published, row.slug))


def _list_studies(session: Session, consultation_id: int) -> list[CaseStudyRow]:
    """The case studies, the most cited first. One statement."""
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
        for one in cited.list_cited_in(session, consultation_id, most=10)
    ]


def _mark_sentences(
    session: Session,
    row: Consultation,
    counts: Sequence[tuple[Mapping[str, Mapping[str, int]], Mapping[str, int]]],
) -> dict[str, MarkedSentence]:
    """The sentences that may be marked: of the paragraph with most texts, in the window and in all. One statement."""
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    nodes = {node.wid: node for node in tree.by_id.values()}
    order = {wid: n for n, wid in enumerate(nodes)}
    chosen = {
        max(spoken, key=lambda wid: (texts.get(wid, 0), stances[wid].get(analysis.ANY_STANCE, 0), -order[wid]))
        for stances, texts in counts
        if (spoken := [wid for wid in stances if wid in nodes])
    }
    anchors = comments_queries.newest_anchors(session, [nodes[wid].id for wid in sorted(chosen)], each=_ANCHORS)
    found = {wid: quotes.mark_sentence(wid, nodes[wid].text, anchors.get(nodes[wid].id, ())) for wid in chosen}
    return {wid: sentence for wid, sentence in found.items() if sentence}


def _list_errata(session: Session, window: Mapping[str, Any]) -> list[Erratum]:
    """Quoted comments that may no longer be read so, each with the last edition that quotes it otherwise."""
    found: dict[int, Erratum] = {}
    for *told, stored, words in session.execute(_ERRATA, window):
        if words is None or not quote_hashes.is_of(stored, words):
            found.setdefault(told[0], Erratum(*told))
    return list(found.values())


def _add_counts(session: Session, consultation: Consultation, material: DigestInput) -> DigestInput:
    """The material with everything that is counted of the consultation, not only of the window."""
    stances = analysis.count_by_place(session, consultation.id)
    reported = ("at", "day") if material.cadence in (Cadence.CLOSING, Cadence.DEMAND) else ()
    counts = count_queries.get_counts(session, consultation.id, (*_COUNTED, *reported))
    stands = argument_queries.get_snapshot(session, consultation.id)
    return replace(
        material,
        totals=stands.totals,
        places=list_places(session, consultation, stances),
        stances=stances,
        texts=counts["texts"],
        counts={name: found for name, found in counts.items() if name != "texts"},
        topics=tags.list_topics(session, consultation.document_id),
        argued_upto=stands.upto,
        encoders=stands.encoders,
        covered=stands.covered,
        calls=_list_calls(session, consultation.id),
        studies=_list_studies(session, consultation.id),
        reviewed=next(filter(None, (find(session, consultation.id) for find in REVIEWED.values())), None),
    )


def build_targets(row: Consultation) -> Sequence[TargetGroup]:
    """Groups that the owner of a consultation set out to hear: of each, how many people."""
    return [TargetGroup("group", group["name"], group["target"], group["name"]) for group in row.groups]


def build_facts(row: Consultation) -> ConsultationFacts:
    """What a digest repeats of its consultation."""
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
    """Provisions in the order of the draft, then the draft as a whole, then the questions."""
    titles = short_titles.list_titles(session, row.document_id)
    found = [
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
    found.append(DigestPlace("", "whole", "", "", ""))
    found += [
        DigestPlace(f"q{number}", "question", str(n), str(n), excerpt(wording, 140))
        for n, (number, wording) in enumerate(session.execute(_ASKED, {"consultation": row.id}), start=1)
    ]
    here = {place.key for place in found}
    return found + [DigestPlace(key, "former", "", key, "") for key in said if key not in here]


def _list_quotable_comments(session: Session, news: Any) -> list[QuotableComment]:
    """Published words that may be quoted, the best few of each stance at each place."""
    given = {"ids": news.ids, "copies": news.copies, "nameless": news.nameless, "turned": news.turned, "most": _EACH}
    return [QuotableComment._make(row) for row in session.execute(_WORDS, given).all()]


def _count_by_place(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """New submissions by place and stance, and the distinct texts of them by place."""
    found: dict[str, dict[str, int]] = {}
    texts: dict[str, int] = {}
    for row in rows:
        place, _, stance = row["said"].partition(" ")
        found.setdefault(place, {})[stance] = row["n"]
        if stance == analysis.ANY_STANCE:
            texts[place] = row["texts"]
    return found, texts
