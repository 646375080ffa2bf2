from __future__ import annotations

import pytest

from consult.submissions.evidence.references import MAX_REFERENCE_LENGTH, NotAReference, recognise_reference


def test_a_reference_of_exactly_as_many_characters_as_there_may_be_is_taken() -> None:
    address = "https://example.org/".ljust(MAX_REFERENCE_LENGTH, "x")
    assert recognise_reference(address) == ("url", address)
    with pytest.raises(NotAReference, match="too long"):
        recognise_reference(f"{address}x")
