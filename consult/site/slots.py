"""Slots on pages of the site, for packages of higher layers."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot


@dataclass(frozen=True)
class ListFoot(Slot):
    """Below the list of consultations: links to other lists."""

    name = "list.foot"
