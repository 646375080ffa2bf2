"""Words without meaning of their own: articles, pronouns, prepositions, auxiliaries."""

from __future__ import annotations

from consult.analysis.text.wordlists import load_words_apart

STOPWORDS = load_words_apart("stopwords")
"""One set of stopwords for each language."""


def is_stopword(word: str) -> bool:
    """Return True if a word is a stopword in any known language."""
    return any(word in stopwords for stopwords in STOPWORDS)
