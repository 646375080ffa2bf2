"""Slots on the pages of plans for packages of higher layers."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot
from consult.plans.model import PlanAction


@dataclass(frozen=True)
class ActionOrigin(Slot):
    """On the page of an action outside any plan: the answer that promised it."""

    name = "action.origin"
    action: PlanAction


@dataclass(frozen=True)
class ActionLinks(Slot):
    """On the page of an action: what it answers or rests on."""

    name = "action.links"
    action: PlanAction
