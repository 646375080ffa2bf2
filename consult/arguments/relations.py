"""Columns of arguments that upper packages may read."""

from __future__ import annotations

from sqlalchemy import select

from consult.arguments.model import Argument, Claim
from consult.core.database.relations import Relation


class ReadableArgument(Relation):
    """An argument. A merged one points to the argument that replaced it."""

    selected = select(
        Argument.id,
        Argument.consultation_id,
        Argument.place,
        Argument.stance,
        Argument.name,
        Argument.phrases,
        Argument.merged_into_id,
        Argument.voices,
        Argument.statements,
        Argument.revision,
        Argument.letter,
        Argument.senders,
        Argument.checked.label("checked"),
        Argument.submissions,
    )


class ReadableClaim(Relation):
    """A statement: `public_body[start:end]` of its comment while `proof` matches. One for each text."""

    selected = select(
        Claim.id,
        Claim.consultation_id,
        Claim.text_hash,
        Claim.comment_id,
        Claim.submission_id,
        Claim.place,
        Claim.start,
        Claim.end,
        Claim.proof,
        Claim.submitter,
        Claim.argument_id,
        Claim.campaign_id,
        Claim.part,
    )
