"""The outbox: a letter is a row first, then goes out over SMTP or into a folder, and is accounted for."""
