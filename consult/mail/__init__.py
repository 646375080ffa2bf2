"""Outgoing e-mail: each message is stored first, then sent by SMTP or kept in a folder."""
