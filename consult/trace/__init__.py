"""The history of one submission, from receipt to answer: "Status of your submission"."""
