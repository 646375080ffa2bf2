"""Submissions that programs of organisations send for supporters, with their consent."""
