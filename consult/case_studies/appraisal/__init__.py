"""Appraisal of case studies: who may, who has an interest, what they say, and how far they agree."""
