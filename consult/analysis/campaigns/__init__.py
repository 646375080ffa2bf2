"""Detection of campaign letters, their changed copies and their personal additions."""
