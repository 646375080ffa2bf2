"""Writing systems: confusable characters and fonts."""
