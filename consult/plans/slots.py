"""Places on the pages of plans that packages above fill."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot
from consult.plans.model import PlanAction


@dataclass(frozen=True)
class ActionOrigin(Slot):
    """On the page of an action of no plan: what promised it."""

    name = "action.origin"
    action: PlanAction
