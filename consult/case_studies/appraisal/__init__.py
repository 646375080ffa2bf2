"""Reviews of case studies: reviewers, conflicts of interest, certainty and agreement."""
