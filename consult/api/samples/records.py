"""Records of samples: a line of the body, and the result of each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=200)]


class SampleInput(Struct, forbid_unknown_fields=True):
    """A tested sample. One without `findings` is a negative and counts as tested."""

    day: date
    country: str
    region: str = ""
    sold_as: Text = ""
    findings: Annotated[list[Text], Meta(max_length=40)] = []
    number: Text = ""
    town: Text = ""
    site: Text = ""
    form: Text = ""
    method: Literal["ftir", "mass_spectrometry", "strip_test"] = "ftir"
    strips: Text = ""


class SampleQuery(Struct):
    """Parameters of keeping samples."""

    look: Annotated[bool, Meta(description="Return the results and keep nothing.")] = False
    public: Annotated[bool, Meta(description="The organisation publishes these results itself.")] = False


class SampleLine(Struct, omit_defaults=True):
    """The result of a line, counted from 1. `changed`: its number is known with other content, which is not kept."""

    line: int
    result: Literal["new", "known", "changed", "refused"]
    detail: str = ""


class SampleReceipt(Struct):
    """The batch, or null if nothing was kept; the number of alerts that its samples propose; and each line."""

    batch: int | None
    kept: int
    proposals: int
    lines: list[SampleLine]


class RetractionQuery(Struct):
    """Parameters of retracting a batch."""

    reason: Annotated[str, Meta(description="A sentence. It is kept with the batch and in the public record.")]


class RetractedBatch(Struct):
    """A retracted batch and the number of its samples, which are deleted."""

    batch: int
    samples: int
