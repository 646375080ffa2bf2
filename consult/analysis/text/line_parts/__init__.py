"""Parts of letters: greetings, closes, headings, names, addresses and contact details."""
