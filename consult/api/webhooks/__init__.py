"""Webhooks: events of the public record, sent to addresses of accounts and organisations."""
