"""Reading: public data as records, page by page or as a file."""
