"""Inbound messages: each item is read once, and an item that cannot be read is put aside for the operator."""
