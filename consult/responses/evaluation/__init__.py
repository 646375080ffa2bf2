"""Feedback on a consultation by its participants after the outcome, published as totals only."""
