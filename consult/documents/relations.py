"""Relations that upper packages may read of drafts."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.documents.model import Provision, ProvisionTag


class ReadableProvision(Relation):
    """A part, chapter, section, paragraph or point of one version; its `wid` is the same in every version.

    Without its words: who needs those reads them through `documents.queries`.
    """

    selected = select(Provision.id, Provision.version_id, Provision.wid, Provision.parent_id)


class ReadableProvisionTag(Relation):
    """That a provision, in every version of its document, is about a term."""

    selected = select(ProvisionTag.document_id, ProvisionTag.wid, ProvisionTag.term_id, ProvisionTag.tagged_at)
