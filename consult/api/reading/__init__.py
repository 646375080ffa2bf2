"""Reading: everything public as records, page by page or as a file."""
