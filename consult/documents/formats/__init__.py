"""Import and export of drafts: Word, Akoma Ntoso, Markdown, HTML and plain text."""
