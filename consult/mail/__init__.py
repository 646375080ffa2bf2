"""Letters: written as rows in the transaction that has a reason to write, sent afterwards."""
