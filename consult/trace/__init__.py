"""The history of one submission, from receipt to answer: "Where your words went"."""
