"""Columns of drafts that upper packages may read."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.documents.model import Provision, ProvisionTag, Version


class ReadableProvision(Relation):
    """A part, chapter, section, paragraph or point of one version. Its `wid` is the same in every version.

    Words are not included; read them with `documents.queries`.
    """

    selected = select(Provision.id, Provision.version_id, Provision.wid, Provision.parent_id)


class ReadableProvisionTag(Relation):
    """A topic of a provision. Applies to all versions."""

    selected = select(ProvisionTag.document_id, ProvisionTag.wid, ProvisionTag.term_id, ProvisionTag.tagged_at)


class ReadableVersion(Relation):
    """A version of a draft. Public once it is published."""

    selected = select(Version.id, Version.document_id, Version.number, Version.published_at)
