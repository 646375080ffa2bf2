"""Search in drafts, arguments and their answers, case studies and early warnings.

The index holds each text by the rules of every language (`words_in_languages` in the database), so it is always up to
date. Matches are checked again by the rules of the text's own language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, REGCONFIG, TSQUERY, distinct_on
from sqlalchemy.orm import Session, aliased

from consult.arguments.model import Argument
from consult.case_studies.model import CaseStudy, StudyState
from consult.consultations.model import Consultation, Phase
from consult.core.i18n import current_language
from consult.documents.model import Provision
from consult.responses.model import Response
from consult.search.query_terms import CONFIGURATION_SQL, CONFIGURATIONS, SearchQuery
from consult.search.snippets import HEADLINE_OPTIONS, parse_snippet
from consult.signals.model import PUBLIC_STATES, TITLE_WORDS, Signal, SignalWarning
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

FEW, PAGE = 4, 100
"""Results shown among other groups, and on a page of their own."""
MANY = 4000
"""Maximum number of candidates that are checked."""
_EXCLUDED = re.compile(r'(?:^|\s)-(?:"[^"]*"|\S+)')
_CONFIGURATION: Any = cast(literal_column(CONFIGURATION_SQL.format(language="consultation.language")), REGCONFIG)
WORDS: Any = bindparam("words")
_ASKED: Any = func.websearch_to_tsquery(_CONFIGURATION, WORDS)
_BRANCHES: list[Any] = [
    func.websearch_to_tsquery(literal_column(f"'{name}'::regconfig"), bindparam("included"))
    for name in (*CONFIGURATIONS, "simple")
]
ANY_LANGUAGE: Any = reduce(lambda left, other: left.op("||", return_type=TSQUERY)(other), _BRANCHES)


@dataclass(frozen=True)
class NamedThing:
    """A thing found by name, with the endpoint of its page. `of` is the plan it belongs to, with its language."""

    kind: Any  # a word for it
    endpoint: str
    values: Mapping[str, Any]
    language: str = ""
    of: tuple[str, str] | None = None


@dataclass(frozen=True)
class TextHit:
    """Words around a match in a draft, an argument, its answer or another text."""

    consultation_id: int
    words: Sequence[tuple[str, bool]]
    place: ProvisionNode | None = None
    argument: Argument | None = None
    answered: bool = False  # the words are of the answer
    study: CaseStudy | None = None
    signal: Signal | None = None
    named: NamedThing | None = None
    language: str = ""  # of the words, if it is known and not that of what they are from


@dataclass(frozen=True)
class TextResults:
    """The first results and the total number."""

    items: Sequence[TextHit] = ()
    count: int = 0


def find_in_drafts(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find paragraphs and headings in current drafts, in the order of each draft. One statement besides the drafts."""
    text = Provision.heading + literal_column("' '") + Provision.text
    near = (
        select(Provision.id, Provision.version_id, Provision.position, Consultation.id.label("of"),
               Consultation.closes_at, text.label("said"), _CONFIGURATION.label("rules"))
        .join(Consultation, Consultation.version_id == Provision.version_id)
        .where(literal_column("words_in_languages(provision.heading || ' ' || provision.text)").op("@@")(ANY_LANGUAGE))
        .where(*_open(query)).limit(MANY).cte("near").prefix_with("MATERIALIZED")
    )  # fmt: skip
    found = _exact(near).order_by(near.c.closes_at.desc(), near.c.of, near.c.position).limit(most)
    rows = run(session, found, query)
    trees = {row.version_id: comments_queries.get_provision_tree(session, row.version_id) for row in rows}
    items = [TextHit(row.of, parse_snippet(row.shown), place=trees[row.version_id].by_id.get(row.id)) for row in rows]
    return TextResults([item for item in items if item.place], rows[0].n if rows else 0)


def find_arguments(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find named arguments by their name or answer, those with most authors first. One statement."""
    live = and_(Argument.merged_into_id.is_(None), Argument.statements > 0, Argument.name.is_not(None))
    named = select(Argument.id).where(
        Argument.name.is_not(None), literal_column("words_in_languages(argument.name)").op("@@")(ANY_LANGUAGE)
    )
    answered = select(Response.argument_id).where(
        literal_column("words_in_languages(response.reasons)").op("@@")(ANY_LANGUAGE)
    )
    text = func.concat_ws(literal_column("' '"), Argument.name, Response.reasons)
    near = (
        select(
            Argument.id,
            Argument.voices,
            Consultation.id.label("of"),
            text.label("said"),
            _CONFIGURATION.label("rules"),
            func.coalesce(Response.reasons, "").label("reasons"),
        )
        .join(Consultation, Consultation.id == Argument.consultation_id)
        .outerjoin(Response, Response.argument_id == Argument.id)
        .where(live, or_(Argument.id.in_(named), Argument.id.in_(answered)), *_open(query))
        .limit(MANY)
        .cte("near")
        .prefix_with("MATERIALIZED")
    )
    rows = run(session, _exact(near).order_by(near.c.voices.desc(), near.c.id).limit(most), query)
    known = {
        row.id: row for row in session.scalars(select(Argument).where(Argument.id.in_([match.id for match in rows])))
    }
    return TextResults(
        [TextHit(row.of, parse_snippet(row.shown), argument=known[row.id], answered=bool(row.reasons)) for row in rows],
        rows[0].n if rows else 0,
    )


def find_case_studies(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find public case studies, newest first and withdrawn ones last. One statement, and one for the rows."""
    rules: Any = cast(literal_column(CONFIGURATION_SQL.format(language="case_study.language")), REGCONFIG)
    near = (
        select(CaseStudy.id, CaseStudy.state, CaseStudy.words.label("said"), rules.label("rules"))
        .where(literal_column("words_in_languages(case_study.words)").op("@@")(ANY_LANGUAGE))
        .where(CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN)))
        .limit(MANY)
        .cte("near")
        .prefix_with("MATERIALIZED")
    )
    order = (near.c.state == StudyState.WITHDRAWN, near.c.id.desc())
    rows = run(session, _exact(near).order_by(*order).limit(most), query)
    if not rows:
        return TextResults()
    wanted = select(CaseStudy).where(CaseStudy.id.in_([match.id for match in rows]))
    known = {row.id: row for row in session.scalars(wanted)}
    items = [TextHit(0, parse_snippet(row.shown), study=known[row.id]) for row in rows]
    return TextResults(items, rows[0].n)


def find_signals(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find public signals by their title in any language, newest first. One statement, and one for the rows.

    The title of a signal is stored without its language, so the rules of the reader's language apply. Titles of its
    newest warning have theirs; that in the reader's language is shown if it matches.
    """
    near = union_all(_select_signal_titles(), _select_warning_titles()).cte("near").prefix_with("MATERIALIZED")
    first = near.c.language == current_language(), near.c.language
    once = select(near).where(_matches(near)).ext(distinct_on(near.c.id)).order_by(near.c.id, first[0].desc(), first[1])
    titles = once.subquery()
    rows = run(session, _exact(titles).order_by(titles.c.opened_at.desc(), titles.c.id.desc()).limit(most), query)
    if not rows:
        return TextResults()
    known = {row.id: row for row in session.scalars(select(Signal).where(Signal.id.in_([match.id for match in rows])))}
    items = [TextHit(0, parse_snippet(row.shown), signal=known[row.id], language=row.language) for row in rows]
    return TextResults(items, rows[0].n)


def _select_signal_titles() -> Select[Any]:
    rules: Any = cast(literal_column(CONFIGURATION_SQL.format(language=f"'{current_language()}'")), REGCONFIG)
    columns = Signal.id, Signal.opened_at, literal("").label("language"), Signal.title.label("said")
    return (
        select(*columns, rules.label("rules"))
        .where(literal_column("words_in_languages(signal.title)").op("@@")(ANY_LANGUAGE))
        .where(Signal.state.in_(PUBLIC_STATES))
        .limit(MANY)
    )


def _select_warning_titles() -> Select[Any]:
    newer = aliased(SignalWarning)
    text = func.jsonb_each(SignalWarning.texts).table_valued(column("key", Text), column("value", JSONB), name="told")
    rules: Any = cast(literal_column(CONFIGURATION_SQL.format(language="told.key")), REGCONFIG)
    title = text.c.value["title"].astext.label("said")
    words: Any = literal_column(TITLE_WORDS)
    return (
        select(Signal.id, Signal.opened_at, text.c.key.label("language"), title, rules.label("rules"))
        .join(SignalWarning, SignalWarning.signal_id == Signal.id)
        .join(text, true())
        .where(words.op("@@")(ANY_LANGUAGE), Signal.state.in_(PUBLIC_STATES), SignalWarning.published_at.is_not(None))
        .where(SignalWarning.texts[SignalWarning.language]["title"].astext == Signal.title)  # as pages show titles
        .where(
            ~exists().where(
                newer.signal_id == Signal.id, newer.published_at.is_not(None), newer.edition > SignalWarning.edition
            )
        )
        .limit(MANY)
    )


def _open(query: SearchQuery) -> list[Any]:
    """Return conditions for public consultations, or the one that is searched."""
    only = [Consultation.id == query.consultation_id] if query.consultation_id else []
    return [Consultation.phase != Phase.DRAFT, *only]


def _exact(near: Any) -> Any:
    """Select matches by the rules of their language, with the words around them and their number."""
    asked = func.websearch_to_tsquery(near.c.rules, WORDS)
    shown = func.ts_headline(near.c.rules, near.c.said, asked, bindparam("options"))
    columns = [column for column in near.c if column.key not in ("said", "rules")]
    return select(*columns, shown.label("shown"), func.count().over().label("n")).where(_matches(near))


def _matches(near: Any) -> Any:
    return func.to_tsvector(near.c.rules, near.c.said).op("@@")(func.websearch_to_tsquery(near.c.rules, WORDS))


def run(session: Session, statement: Any, query: SearchQuery) -> Sequence[Row[Any]]:
    included = _EXCLUDED.sub(" ", query.words).strip()
    if not included:
        return []
    values = {"words": query.words, "included": included, "options": HEADLINE_OPTIONS}
    return session.execute(statement, values).all()
