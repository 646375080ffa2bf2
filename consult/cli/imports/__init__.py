"""Commands that read files with data into the site."""
