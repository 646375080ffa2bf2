"""Export of a submission as a document in the form required by an international body."""
