"""Analysis jobs that need numpy. Web processes start without it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from consult.analysis.campaigns.template_pictures import TemplatePicture
from consult.analysis.model import Campaign
from consult.core.jobs import Job


@Job
def place_texts(session: Session, consultation_id: int, number: int) -> None:
    """Puts every text that waits in its place; from the ledger number `number` on they count as of a campaign."""
    raise NotImplementedError


@Job
def compare_texts(session: Session, consultation_id: int, number: int) -> None:
    """Groups all texts of a consultation again and writes the differences. Every text must have been placed."""
    raise NotImplementedError


@Job
def fingerprint_samples(session: Session, consultation_id: int, samples: Mapping[bytes, int]) -> None:
    """Stores the fingerprints of texts, read from the submission named for each. Safe to repeat."""
    raise NotImplementedError


@Job
def describe_template(session: Session, row: Campaign) -> TemplatePicture | None:
    """The template as published texts show it; none where its first text or all of these are gone."""
    raise NotImplementedError


@Job
def compare_meanings(session: Session, consultation_id: int) -> bool:
    """Compares some published texts outside campaigns with letters by meaning; gives whether more are left."""
    raise NotImplementedError


@Job
def find_campaign(session: Session, consultation_id: int, said: str) -> Campaign | None:
    """The campaign whose letter a text that was not sent yet holds, of those that the public may read of."""
    raise NotImplementedError
