"""The outbox: letters are rows first; they go out over SMTP or into a folder, and every one is accounted for."""
