"""Public tables of this package. The ledger commits to the words of a version when it is published."""

from __future__ import annotations

from consult.documents.model import (
    Document,
    PlainWords,
    Provision,
    ProvisionLink,
    ProvisionTag,
    ProvisionTitle,
    Version,
)
from consult.ledger.statements import PublicTable

DOCUMENT = PublicTable(Document, public="id title language", private="created_at")
VERSION = PublicTable(
    Version,
    public="id document_id number published_at",
    derived="source",
    private="created_at",
    check="drafts",
    shown=Version.published_at.is_not(None),
)
PROVISION = PublicTable(
    Provision,
    derived="id version_id wid eid parent_id chapter kind number heading text position depth notes",
    check="drafts",
)
PROVISION_LINK = PublicTable(ProvisionLink, public="id version_id line change edited before_id after_id score")
PROVISION_TAG = PublicTable(ProvisionTag, public="document_id wid term_id tagged_at", private="tagged_by")
PROVISION_TITLE = PublicTable(ProvisionTitle, public="document_id wid title")
PLAIN_WORDS = PublicTable(PlainWords, public="document_id wid words")
