"""Tables of actions in files: CSV, Excel, Word and Markdown."""
