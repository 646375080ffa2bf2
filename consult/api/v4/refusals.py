"""Refusals of the regulations.gov interface. Their texts are in English only, as those of regulations.gov."""

from __future__ import annotations

from consult.api.problems import ApiProblem


class KeyProblem(ApiProblem):
    """The key is missing or is not valid. `code` is API_KEY_MISSING or API_KEY_INVALID."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__("token-required", message)
        self.code = code


def refuse(detail: str) -> ApiProblem:
    """Return the refusal of a request that is not valid."""
    return ApiProblem("invalid-parameter", detail)
