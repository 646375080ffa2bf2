"""Reports: what people saw, as they filed it."""
