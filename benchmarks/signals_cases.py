"""The named cases of the rule of alert levels (`tests/signals/cases.toml`), for its test and its benchmark."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from consult import ROOT
from consult.signals.rule.observations import DrugObservation, SubstanceConcern
from consult.signals.rule.proposal import propose

DAY = date(2026, 11, 20)
FILE = ROOT / "tests" / "signals" / "cases.toml"


def read_cases() -> list[dict[str, Any]]:
    return list(tomllib.loads(FILE.read_text("utf-8"))["case"])


def build_observation(days: int = 0, **values: Any) -> DrugObservation:
    """Return an observation `age` days before DAY, with defaults for values that are not given."""
    given: dict[str, Any] = {"basis": "seen", **values}
    given["text"] = str(given.get("text", "")).encode()
    given["concern"] = SubstanceConcern(given.get("concern", SubstanceConcern.DANGEROUS))
    return DrugObservation(DAY - timedelta(days=days), **given)


def reach_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the proposal that the case names in `expect`."""
    rows = [row for row in case["seen"] for _n in range(row.get("repeat", 1))]
    seen = [build_observation(**{key: value for key, value in row.items() if key != "repeat"}) for row in rows]
    found = propose(seen, DAY, case.get("tested", 0))
    assert found is not None
    reached = {
        "level": found.level,
        "reasons": list(found.reasons),
        "least": found.least_voices,
        "most": found.most_voices,
        "urgent": found.urgent,
        "deaths": [found.deaths.counted, found.deaths.least, found.deaths.most],
        "overdoses": [found.overdoses.counted, found.overdoses.least, found.overdoses.most],
    }
    return {key: reached[key] for key in case["expect"]}
