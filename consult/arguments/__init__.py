"""Arguments: the points that statements make on each provision, proposed by likeness, named and kept by people."""

from consult.arguments.beside import init_app

__all__ = ["init_app"]
