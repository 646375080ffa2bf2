"""Observations: the parts of reports and samples that the rule uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

INSTRUMENTS = frozenset({"ftir", "mass_spectrometry"})
LABORATORIES = frozenset({"mass_spectrometry"})


class SubstanceConcern(StrEnum):
    """The concern that a substance raises where it is new."""

    DANGEROUS = "dangerous"  # an opioid, sedative or synthetic cannabinoid, or of an unknown class
    ACTIVE = "active"  # of concern where it was not sold as such
    CUTTING = "cutting"  # a cutting agent or medicine


@dataclass(frozen=True)
class DrugObservation:
    """A report, or a finding in a sample, of one thing in one region.

    `source` identifies an organisation, and is empty for a report without one. `arrival` counts the reports of its
    network on that day: 1 is the first, 0 means that the network is unknown. `incident` is set if a person decided to
    which incident the harms belong; equal values are one incident.
    """

    day: date
    source: str = ""
    sample: bool = False
    verified: bool = False  # whether the organisation is verified
    site: str = ""  # of a sample
    town: str = ""
    basis: str = "told"
    concern: SubstanceConcern = SubstanceConcern.DANGEROUS
    as_sold: bool = False  # whether it was sold under this name
    watched: bool = False  # whether it is on the watch list of the country
    text: bytes = b""  # hash of the text; empty means unlike any other
    arrival: int = 0
    deaths: int = 0
    overdoses: int = 0
    incident: str = ""

    @property
    def is_grave(self) -> bool:
        """Return whether finding it somewhere for the first time is of concern."""
        return self.concern is SubstanceConcern.DANGEROUS or (
            self.concern is SubstanceConcern.ACTIVE and not self.as_sold
        )


def drop_copies(seen: list[DrugObservation]) -> list[DrugObservation]:
    """Return the observations by day, without reports whose text equals an earlier one."""
    texts: set[bytes] = set()
    own = []
    for observation in sorted(seen, key=lambda it: (it.day, not it.source)):
        if not observation.text or observation.text not in texts:
            own.append(observation)
        texts.add(observation.text)
    return own
