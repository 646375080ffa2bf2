"""Public tables of this package: recommendations, the bodies they were given to, their actions and topics."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.recommendations.model import (
    CountryRecommendation,
    GivenRecommendation,
    RecommendationAction,
    RecommendationSet,
    RecommendationTerm,
)

RECOMMENDATION_SET = PublicTable(
    RecommendationSet,
    public="id country source symbol session address day reply_by language sha256 kept_at",
    people="kept_by",
)
RECOMMENDATION = PublicTable(CountryRecommendation, public="id set_id place number words states position themes people")
RECOMMENDATION_GIVEN = PublicTable(
    GivenRecommendation, public="recommendation_id body_id given_at declined_at reason", people="given_by"
)
RECOMMENDATION_ACTION = PublicTable(
    RecommendationAction, public="recommendation_id action_id linked_at", people="linked_by"
)
RECOMMENDATION_TERM = PublicTable(
    RecommendationTerm, public="recommendation_id term_id confirmed_at", people="confirmed_by"
)
