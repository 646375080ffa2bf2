"""Actions that follow from accepted answers, and the e-mails about them."""
