"""Answers as JSON:API documents with the fields of regulations.gov. Fields without a value are null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from html import escape
from typing import Any

from babel import Locale

from consult.api.reading.queries import to_iso
from consult.api.reading.records import CommentRecord
from consult.api.v4.asked import EASTERN, Asked
from consult.api.v4.comments import AttachedFile, PostedComment
from consult.api.v4.dockets import Docket, DraftDocument, write_submission_object_id
from consult.core.clock import now
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings
from consult.submissions.model import SubmitterKind

Resource = dict[str, Any]
PROPOSED_RULE, PUBLIC_SUBMISSION, RULEMAKING = "Proposed Rule", "Public Submission", "Rulemaking"
_TYPES = {"support": "Support", "wording": "Change", "drop": "Delete", "evidence": "Evidence", "concern": "Concern"}


def _list_names(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_BASIC = _list_names(
    "additionalRins allowLateComments authorDate authors cfrPart commentEndDate commentStartDate "
    "effectiveDate exhibitLocation exhibitType frDocNum frVolNum implementationDate media ombApproval "
    "paperLength paperWidth regWriterInstruction sourceCitation startEndPage subject topics "
)
_DETAIL = _list_names(
    "address1 address2 agencyId category city comment country displayProperties docAbstract docketId "
    "documentType email fax field1 field2 fileFormats firstName govAgency govAgencyType lastName legacyId "
    "modifyDate objectId openForComment organization originalDocumentId pageCount phone postedDate "
    "postmarkDate reasonWithdrawn receiveDate restrictReason restrictReasonType stateProvinceRegion "
    "submitterRep submitterRepAddress submitterRepCityState subtype title trackingNbr withdrawn zip "
)
_DOCKET = _list_names(
    "agencyId category displayProperties dkAbstract docketType effectiveDate field1 field2 generic keywords "
    "legacyId modifyDate objectId organization petitionNbr program rin shortTitle subType subType2 title "
)


def link(path: str) -> str:
    """Return an address of this interface."""
    return f"{settings().base_url}/v4/{path}"


def _resource(kind: str, number: str, attributes: Mapping[str, Any], **more: Any) -> Resource:
    address = {"self": link(f"{kind}/{number}")}
    return {"id": number, "type": kind, "links": address, "attributes": dict(attributes), **more}


def _day(moment: datetime) -> str:
    """Return the beginning of a day in US Eastern time, as regulations.gov writes dates."""
    return to_iso(datetime.combine(moment.astimezone(EASTERN).date(), time(), EASTERN).astimezone(now().tzinfo))


def write_document(document: DraftDocument) -> Resource:
    """Return a document of a list."""
    at, row = now(), document.docket.row
    return _resource(
        "documents",
        document.id,
        {
            "agencyId": document.docket.agency,
            "allowLateComments": bool(row.late_until) and document.is_current,
            "commentEndDate": to_iso(row.closes_at),
            "commentStartDate": to_iso(row.opens_at),
            "docketId": document.docket.id,
            "documentType": PROPOSED_RULE,
            "frDocNum": document.id,
            "highlightedContent": "",
            "lastModifiedDate": to_iso(document.modified_at(at)),
            "objectId": document.object_id,
            "openForComment": document.is_open(at),
            "postedDate": _day(document.posted_at),
            "subtype": None,
            "title": row.title,
            "withdrawn": False,
            "withinCommentPeriod": document.is_open(at),
        },
    )


def write_document_detail(document: DraftDocument) -> Resource:
    """Return a document with all its fields."""
    listed = write_document(document)["attributes"]
    row = document.docket.row
    values = {
        **{name: listed[name] for name in listed if name in _BASIC or name in _DETAIL},
        "docAbstract": row.summary,
        "fileFormats": _list_formats(document),
        "modifyDate": listed["lastModifiedDate"],
        "receiveDate": listed["postedDate"],
        "topics": list(row.tags),
        "subject": row.title,
        "trackingNbr": document.id,
    }
    full = {**dict.fromkeys((*_BASIC, *_DETAIL)), **values}
    return _resource("documents", document.id, full, relationships=_relations("documents", document.id, ()))


def _list_formats(document: DraftDocument) -> list[Resource] | None:
    """Return files of the current draft. Earlier versions have pages only."""
    if not document.is_current:
        return None
    slug = document.docket.row.slug
    forms = ("docx", "xml", "md")
    return [
        {"fileUrl": public_url("site.draft_file", slug=slug, form=form), "format": form, "size": None} for form in forms
    ]


def write_docket(docket: Docket) -> Resource:
    """Return a docket of a list."""
    return _resource(
        "dockets",
        docket.id,
        {
            "agencyId": docket.agency,
            "docketType": RULEMAKING,
            "highlightedContent": "",
            "lastModifiedDate": to_iso(docket.modified_at(now())),
            "objectId": docket.object_id,
            "title": docket.row.title,
        },
    )


def write_docket_detail(docket: Docket) -> Resource:
    """Return a docket with all its fields."""
    listed = write_docket(docket)["attributes"]
    values = {
        **{name: listed[name] for name in listed if name in _DOCKET},
        "dkAbstract": docket.row.summary,
        "keywords": list(docket.row.tags),
        "modifyDate": listed["lastModifiedDate"],
        "organization": docket.row.body,
        "shortTitle": docket.row.slug,
    }
    return _resource("dockets", docket.id, {**dict.fromkeys(_DOCKET), **values})


def write_comment(comment: PostedComment) -> Resource:
    """Return a comment of a list."""
    return _resource(
        "comments",
        comment.id,
        {
            "agencyId": comment.docket.agency,
            "documentType": PUBLIC_SUBMISSION,
            "highlightedContent": "",
            "lastModifiedDate": to_iso(comment.modified_at),
            "objectId": write_submission_object_id(comment.submission.id),
            "postedDate": _day(comment.posted_at),
            "title": f"Comment from {comment.submission.public_name or 'Anonymous'}",
            "withdrawn": False,
        },
    )


def write_comment_detail(
    comment: PostedComment, parts: Sequence[CommentRecord], files: Sequence[AttachedFile], labels: Mapping[str, str]
) -> Resource:
    """Return a comment with all its fields. `labels` are those of the provisions by permanent id."""
    listed, submission, docket = write_comment(comment)["attributes"], comment.submission, comment.docket
    on = next((each for each in docket.documents if each.version.id == submission.version_id), docket.current)
    values = {
        **{name: listed[name] for name in listed if name in _DETAIL},
        **_name_author(comment),
        "comment": _join_parts(parts, labels),
        "commentOn": on.object_id if on else None,
        "commentOnDocumentId": on.id if on else None,
        "country": Locale(DEFAULT_LANGUAGE).territories.get(submission.country, submission.country)
        if submission.country
        else None,
        "docketId": docket.id,
        "duplicateComments": 0,
        "modifyDate": listed["lastModifiedDate"],
        "openForComment": False,
        "receiveDate": to_iso(submission.received_at.replace(minute=0, second=0, microsecond=0)),
        "trackingNbr": submission.reference,
    }
    relations = _relations("comments", comment.id, files)
    return _resource("comments", comment.id, {**dict.fromkeys(_DETAIL), **values}, relationships=relations)


def _name_author(comment: PostedComment) -> dict[str, str | None]:
    """Return the published name as that of an organisation, or as a first and a last name."""
    name = comment.submission.public_name
    if name is None or comment.submission.submitter_kind is SubmitterKind.ORGANISATION:
        return {"organization": name}
    first, _space, last = name.rpartition(" ")
    return {"firstName": first or last, "lastName": last if first else None}


def _join_parts(parts: Iterable[CommentRecord], labels: Mapping[str, str]) -> str:
    """Return the text of a submission as HTML: each comment with its place and type, then its words."""
    written = []
    for part in parts:
        place = labels.get(part.provision or "", "") or (f"Question {part.question}" if part.question else "")
        kind = _TYPES.get(part.stance or "", "")
        head = ": ".join(filter(None, (place, kind)))
        written.append("\n".join(filter(None, (head and f"[{head}]", part.body))))
    return escape("\n\n".join(written), quote=False).replace("\n", "<br/>")


def _relations(kind: str, number: str, files: Sequence[AttachedFile]) -> Resource:
    links = {
        "self": link(f"{kind}/{number}/relationships/attachments"),
        "related": link(f"{kind}/{number}/attachments"),
    }
    data = {"data": [{"type": "attachments", "id": _attachment_id(each)} for each in files]} if files else {}
    return {"attachments": {**data, "links": links}}


def _attachment_id(file: AttachedFile) -> str:
    return f"{file.number:016x}"


def write_attachments(comment: PostedComment, files: Sequence[AttachedFile]) -> list[Resource]:
    """Return the checked files of a comment."""
    slug = comment.docket.row.slug
    return [
        {
            "id": _attachment_id(file),
            "type": "attachments",
            "links": {"self": link(f"attachments/{_attachment_id(file)}")},
            "attributes": {
                "agencyNote": None,
                "authors": None,
                "docAbstract": None,
                "docOrder": place,
                "fileFormats": [
                    {
                        "fileUrl": public_url("evidence.download", slug=slug, number=file.number),
                        "format": file.kind,
                        "size": file.size,
                    }
                ],
                "modifyDate": to_iso(comment.modified_at),
                "publication": None,
                "restrictReason": None,
                "restrictReasonType": None,
                "title": file.description or f"Attachment {place}",
            },
        }
        for place, file in enumerate(files, 1)
    ]


def write_list(data: list[Resource], asked: Asked, total: int, facets: Mapping[str, Mapping[str, int]]) -> Resource:
    """Return the page of a list with its position and the counts of each facet."""
    pages = -(-total // asked.size)
    return {
        "data": data,
        "meta": {
            "aggregations": {
                name: [{"docCount": count, "label": value, "value": value} for value, count in counts.items()]
                for name, counts in facets.items()
            },
            "firstPage": asked.number == 1,
            "hasNextPage": asked.number < pages,
            "hasPreviousPage": asked.number > 1,
            "lastPage": asked.number >= pages,
            "numberOfElements": len(data),
            "pageNumber": asked.number,
            "pageSize": asked.size,
            "totalElements": total,
            "totalPages": pages,
        },
    }
