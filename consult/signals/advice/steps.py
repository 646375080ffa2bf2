"""First-aid steps by class of substance, from the TOML files of this folder.

Each file names its source. An issuer adds steps to a warning and cannot remove these.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.taxonomy.model import Term

_FOLDER = Path(__file__).parent


class AdviceClass(StrEnum):
    """A class of substances with steps of its own. `OTHER` is also for substances that nobody has identified."""

    OPIOID = "opioid"
    SEDATIVE = "sedative"
    OTHER = "other"


_FAMILIES = {"opioids": AdviceClass.OPIOID, "sedatives": AdviceClass.SEDATIVE}


@dataclass(frozen=True)
class Advice:
    """Steps, each by language, and their source."""

    steps: Sequence[Mapping[str, str]]
    source: str
    source_url: str

    def list_steps(self, language: str) -> list[str]:
        return [step[language] for step in self.steps]


@lru_cache(maxsize=len(AdviceClass))
def load_advice(kind: AdviceClass) -> Advice:
    """Return the steps of a class. Raises TypeError for an unknown key."""
    values = tomllib.loads((_FOLDER / f"{kind}.toml").read_text("utf-8"))
    return Advice(values.pop("step"), **values)


def find_class(session: Session, term: Term | None) -> AdviceClass:
    """Return the class of a substance by its families. One statement if the substance is known."""
    if term is None:
        return AdviceClass.OTHER
    families = select(Term.id, Term.broader_id, Term.notation).where(Term.id == term.id).cte(recursive=True)
    above = select(Term.id, Term.broader_id, Term.notation).where(Term.id == families.c.broader_id)
    notations = session.scalars(select(families.union_all(above).c.notation))
    return next((_FAMILIES[name] for name in notations if name in _FAMILIES), AdviceClass.OTHER)
