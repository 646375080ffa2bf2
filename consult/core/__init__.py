"""Infrastructure of all packages, without any domain rule."""
