"""Analysis jobs that need numpy, so that web processes start without it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from consult.analysis.campaigns.template_pictures import TemplatePicture
from consult.analysis.model import Campaign
from consult.core.jobs import Job


@Job
def place_texts(session: Session, consultation_id: int, number: int) -> None:
    """Classify the waiting texts. From ledger entry `number` on they count as part of their campaigns."""
    raise NotImplementedError


@Job
def compare_texts(session: Session, consultation_id: int, number: int) -> None:
    """Regroup all texts of a consultation and store the differences. `place_texts` must have classified them before."""
    raise NotImplementedError


@Job
def fingerprint_samples(session: Session, consultation_id: int, samples: Mapping[bytes, int]) -> None:
    """Store the fingerprints of texts, read from the given submissions. Safe to repeat."""
    raise NotImplementedError


@Job
def describe_template(session: Session, row: Campaign) -> TemplatePicture | None:
    """Return the passages and slot fillings of a template, from its published texts.

    None if its first text or all are deleted.
    """
    raise NotImplementedError


@Job
def find_campaign(session: Session, consultation_id: int, said: str) -> Campaign | None:
    """Return the public campaign whose letter an unsent text contains, or None."""
    raise NotImplementedError
