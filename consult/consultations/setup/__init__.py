"""Setting up a consultation and checking that it can be published."""
