"""Puts an application together from its packages."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from flask import Flask

from consult.core import i18n, logs, queue, time_check
from consult.core.database import connections
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web import addresses, face, limits, page_cache, template_filters
from consult.core.web import requests as web_requests
from consult.core.web.localized_templates import LocalizedEnvironment


def assemble(settings: Settings | None, root: Path, packages: Sequence[ModuleType]) -> Flask:
    """Flask with core's services, then each package's tables, tasks and pages.

    Settings come from the environment where none are given. A package, and each
    subpackage, may have `model`, `tasks` and `views` (and `…_views`) with `blueprint`; a package, `init_app(app)`.
    """
    settings = settings or Settings()
    logs.configure(settings.log_level)
    app = Flask(
        "consult",
        root_path=str(Path(__file__).resolve().parents[1]),
        template_folder=str(root / "templates"),
        static_folder=str(root / "static"),
    )
    app.jinja_environment = LocalizedEnvironment  # type: ignore[assignment]
    app.jinja_options = {"cache_size": -1}  # every template in every language: a fixed number
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.database_pool,
            "max_overflow": settings.most_connections - settings.database_pool,
            "pool_use_lifo": True,  # few connections that know their statements, rather than many that do not yet
            "skip_autocommit_rollback": True,
            "hide_parameters": True,  # an error is logged, and they are names, addresses and words
        },
    )
    for part in (db, time_check, web_requests, addresses, i18n, limits, queue, template_filters, page_cache, face):
        part.init_app(app)
    with app.app_context():
        connections.configure_engine(db.engine, settings)
    for package in packages:
        _register(app, package)
    return app


def _register(app: Flask, package: ModuleType) -> None:
    folder = Path(str(package.__file__)).parent
    files = sorted(
        path for path in folder.rglob("*.py") if path.stem in ("model", "tasks") or path.stem.endswith("views")
    )
    modules = [
        importlib.import_module(".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts)))
        for path in files
    ]
    found = (getattr(module, "blueprint", None) for module in modules)
    for blueprint in dict.fromkeys(each for each in found if each is not None):  # several modules may share one
        app.register_blueprint(blueprint)
    if hasattr(package, "init_app"):
        package.init_app(app)
