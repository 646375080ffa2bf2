"""Bodies and answers of the operations on webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

TopicName = Literal["consultation", "draft", "submission", "response", "plan", "action", "signal", "case_study", "own"]


class WebhookInput(Struct, forbid_unknown_fields=True):
    """A new webhook. It belongs to the account or organisation of the token."""

    address: Annotated[str, Meta(max_length=500, description="https, on port 443 or from 1024, of a public host.")]
    topics: Annotated[
        list[TopicName], Meta(min_length=1, max_length=20, description="First words of event kinds. `own`: see below.")
    ]


class WebhookRecord(Struct):
    """A webhook. Events under `own` are those of submissions by its account or organisation."""

    id: int
    address: str
    topics: list[str]
    waiting: Annotated[int, Meta(description="Requests that the receiver has not accepted yet.")]
    off: Annotated[bool, Meta(description="Whether the last retry failed. Nothing is lost: resume it.")]
    made: str


class WebhookReceipt(WebhookRecord):
    """A webhook with its secret. Keep the secret: it is shown once."""

    secret: Annotated[str, Meta(description="For the signature, as in Standard Webhooks.")]


class DeliveryRecord(Struct):
    """A request that was sent or waits."""

    number: int
    message: Annotated[str, Meta(description="The header webhook-id, the same at every attempt.")]
    events: Annotated[int, Meta(description="0 in a test message.")]
    made: str
    attempts: int
    status: Annotated[int | None, Meta(description="Of the last answer. 0: there was none.")]
    accepted: str | None
