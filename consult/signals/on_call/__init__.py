"""People on call: the rota, e-mails about all urgent reports together, and practice alarms."""
