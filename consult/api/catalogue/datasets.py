"""Datasets of the catalogue: each consultation, each plan, warnings and case studies. Source: DCAT-AP 3.0."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.api.catalogue.linked_data import Node, link
from consult.api.reading.collections import COLLECTIONS
from consult.consultations.model import Consultation, Phase
from consult.core.i18n import LANGUAGES, _, current_language
from consult.core.languages import REGISTRY, find_language
from consult.core.web.addresses import public_url
from consult.core.web.face import CurrentFace, get_face
from consult.core.web.systems import is_on
from consult.plans.model import ActionPlan

SIZE = 100
"""Consultations on a page."""
_EU = "http://publications.europa.eu/resource/authority"
_MEDIA = "https://www.iana.org/assignments/media-types"
_FORMATS = {
    "csv": ("CSV", f"{_MEDIA}/text/csv"),
    "json": ("JSON", f"{_MEDIA}/application/json"),
    "ndjson": ("JSON", ""),
    "jsonl": ("JSON", ""),
}
_THEMES = [link(f"{_EU}/data-theme/GOVE"), link(f"{_EU}/data-theme/HEAL")]


def count_pages(session: Session) -> int:
    """Return the number of pages. There is at least one."""
    count = session.scalar(select(func.count()).where(Consultation.phase != Phase.DRAFT)) or 0
    return max(1, -(-count // SIZE))


def build_page(session: Session, page: int, pages: int, form: str) -> list[Node]:
    """Return the nodes of a page of the catalogue. Datasets that are no consultations are on the first page."""
    datasets = [*_list_consultations(session, page), *(_list_others(session) if page == 1 else ())]
    home, language = public_url("site.home"), current_language()
    catalogue: Node = {
        "@id": f"{home}catalog",
        "@type": "dcat:Catalog",
        "dct:title": _say(CurrentFace().name, language),
        "dct:description": _say(
            _("Public consultations, warnings, case studies and plans, with the submissions received."), language
        ),
        "dct:publisher": link(f"{home}#operator"),
        "foaf:homepage": link(home),
        "dct:language": [_language(code) for code in LANGUAGES],
        "dcat:dataset": [link(each["@id"]) for each in datasets],
    }
    return [_paging(page, pages, form), catalogue, _operator(home), *datasets]


def _paging(page: int, pages: int, form: str) -> Node:
    def address(number: int) -> str:
        return public_url(f"catalogue.{form}", page=number)

    node: Node = {
        "@id": address(page),
        "@type": "hydra:PartialCollectionView",
        "hydra:first": link(address(1)),
        "hydra:last": link(address(pages)),
    }
    if page < pages:
        node["hydra:next"] = link(address(page + 1))
    return node


def _operator(home: str) -> Node:
    operator = get_face().say("operator")
    name = operator.text if operator else CurrentFace().name
    return {"@id": f"{home}#operator", "@type": "foaf:Agent", "foaf:name": name}


def _list_consultations(session: Session, page: int) -> Iterator[Node]:
    rows = session.scalars(
        select(Consultation)
        .where(Consultation.phase != Phase.DRAFT)
        .order_by(Consultation.id)
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    )
    for row in rows:
        address = public_url("site.consultation", slug=row.slug)
        api = public_url("api_reading.get_consultation", slug=row.slug)
        files = [
            _distribution(f"{api}/{name}.{form}{end}", name, form, row.language, packed=bool(end))
            for name in COLLECTIONS
            for form in ("csv", "ndjson")
            for end in ("", ".gz")
        ]
        yield {
            **_dataset(address, row.title, row.summary or row.title, row.language, files),
            "dct:identifier": row.code + "/" + row.slug,
            "dct:issued": _moment(row.created_at.date().isoformat(), "xsd:date"),
            "dct:creator": {"@type": "foaf:Agent", "foaf:name": row.body},
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _moment(row.opens_at.date().isoformat(), "xsd:date"),
                "dcat:endDate": _moment(row.closes_at.date().isoformat(), "xsd:date"),
            },
        }


def _list_others(session: Session) -> Iterator[Node]:
    language = current_language()
    if is_on("signals"):
        address = public_url("signals.overview")
        files = [_distribution(public_url("signals.listed_json"), "signals", "json", language)]
        yield _dataset(address, _("Early warning"), _("Warnings about drugs, with their levels."), language, files)
    if is_on("case_studies"):
        address = public_url("case_studies.listed")
        files = [
            _distribution(public_url("case_studies.listed_file", kind=form), "case-studies", form, language)
            for form in ("csv", "jsonl")
        ]
        yield _dataset(address, _("Case studies"), _("Practices with results and reviews."), language, files)
    if is_on("plans"):
        rows = select(ActionPlan).where(ActionPlan.published_at.is_not(None)).order_by(ActionPlan.id)
        for row in session.scalars(rows):
            address = public_url("plans.plan", slug=row.slug)
            files = [
                _distribution(public_url(f"plans.plan_{form}", slug=row.slug), row.slug, form, row.language)
                for form in ("csv", "json")
            ]
            yield _dataset(address, row.title, row.summary or row.title, row.language, files)


def _dataset(address: str, title: str, description: str, language: str, files: list[Node]) -> Node:
    known = {"dct:language": _language(language)} if any(each.code == language for each in REGISTRY) else {}
    return {
        "@id": f"{address}#data",
        "@type": "dcat:Dataset",
        "dct:title": _say(title, language),
        "dct:description": _say(description, language),
        "dct:publisher": link(f"{public_url('site.home')}#operator"),
        "dcat:landingPage": link(address),
        "dcat:theme": _THEMES,
        **known,
        "dcat:distribution": files,
    }


def _distribution(address: str, name: str, form: str, language: str, *, packed: bool = False) -> Node:
    kind, media = _FORMATS[form]
    node: Node = {
        "@id": f"{address}#file",
        "@type": "dcat:Distribution",
        "dct:title": _say(f"{name}.{form}{'.gz' * packed}", language),
        "dcat:accessURL": link(address),
        "dcat:downloadURL": link(address),
        "dct:format": link(f"{_EU}/file-type/{kind}"),
    }
    if media:
        node["dcat:mediaType"] = link(media)
    if packed:
        node["dcat:compressFormat"] = link(f"{_MEDIA}/application/gzip")
    return node


def _say(text: str, language: str) -> Node:
    return {"@value": str(text), "@language": language}


def _moment(value: str, kind: str) -> Node:
    return {"@value": value, "@type": kind}


def _language(code: str) -> Node:
    return link(f"{_EU}/language/{find_language(code).akn.upper()}")
