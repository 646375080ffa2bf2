"""What a submitter files to one consultation, and the counts of it."""
