"""Reading of data files with delimited text: encoding, delimiter and rows."""
