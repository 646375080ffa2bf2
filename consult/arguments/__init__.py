"""Arguments: the points that submissions make about each provision, suggested by software and edited by people."""

from consult.arguments.provision_panel import init_app

__all__ = ["init_app"]
