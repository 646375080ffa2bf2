"""Writes docs/openapi.json anew: `python -m tests.api.freeze`. Look at the difference: what is removed is a break."""

from pathlib import Path

from consult import create_app
from consult.api import openapi

FROZEN = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"

if __name__ == "__main__":
    create_app()
    FROZEN.write_bytes(openapi.write_document())
