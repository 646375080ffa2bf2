"""Words that say nothing by themselves: articles, pronouns, prepositions, auxiliaries."""

from __future__ import annotations

from consult.analysis.text.wordlists import load_words_apart

STOPWORDS = load_words_apart("stopwords")
"""A set for each language."""


def is_stopword(word: str) -> bool:
    """Whether a word is a stopword in any of the known languages."""
    return any(word in stopwords for stopwords in STOPWORDS)
