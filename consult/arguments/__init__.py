"""Arguments: the points that statements make on each provision. Proposed by similarity, named and edited by people."""

from consult.arguments.provision_panel import init_app

__all__ = ["init_app"]
