"""Recognition of passages that texts share because they quote one source, such as an article, a law or a speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consult.analysis.text.fingerprints import Marks, fingerprint_texts
from consult.analysis.text.quotations import find_quotations

_OF_CORE = 0.5
"""The share of the common fingerprints that a text has inside quotations if it quotes what it shares."""
_OF_TEXTS = 0.5
"""The share of the texts that quote what they share. The others left out the marks."""


def is_quoted_source(core: Marks, texts: Sequence[str]) -> bool:
    """Return True if most texts have most of the fingerprints that they share (ascending) inside quotation marks."""
    quoted = [" ".join(text[start:end] for start, end in find_quotations(text)) for text in texts]
    rows = fingerprint_texts(quoted)
    shares = [np.isin(core, rows[row]).mean() for row in range(len(rows))]
    return bool(np.mean(np.array(shares) >= _OF_CORE) >= _OF_TEXTS)
