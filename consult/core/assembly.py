"""Assembles the application from its packages."""

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
from consult.core.web import addresses, face, limits, load_progress, page_cache, systems, template_filters
from consult.core.web import requests as web_requests
from consult.core.web.localized_templates import LocalizedEnvironment


def assemble(settings: Settings | None, root: Path, packages: Sequence[ModuleType]) -> Flask:
    """Create a Flask application with core services, then register each package's tables, tasks and pages.

    Without `settings`, read the environment. Packages and subpackages may have the modules `model`, `room`, `tasks` and
    `views` (and `…_views`) with a `blueprint`. Packages may have `init_app(app)`.
    """
    settings = settings or Settings()
    logs.configure(settings.log_level, settings.log_format)
    app = Flask(
        "consult",
        root_path=str(Path(__file__).resolve().parents[1]),
        template_folder=str(root / "templates"),
        static_folder=str(root / "static"),
    )
    app.jinja_environment = LocalizedEnvironment  # type: ignore[assignment]
    app.jinja_options = {"cache_size": -1}  # all templates in all languages, a fixed number
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.database_pool,
            "max_overflow": settings.most_connections - settings.database_pool,
            "pool_use_lifo": True,  # few connections with cached statements are faster than many without
            "skip_autocommit_rollback": True,
            "hide_parameters": True,  # logged errors must not contain personal data
        },
    )
    app.before_request(logs.begin_request)
    parts = (db, time_check, web_requests, addresses, i18n, limits, queue, template_filters, page_cache, face, systems)
    for part in (*parts, load_progress):
        part.init_app(app)
    with app.app_context():
        connections.configure_engine(db.engine, settings)
    for package in packages:
        _register(app, package)
    return app


def _register(app: Flask, package: ModuleType) -> None:
    folder = Path(str(package.__file__)).parent
    files = sorted(
        path for path in folder.rglob("*.py") if path.stem in ("model", "room", "tasks") or path.stem.endswith("views")
    )
    modules = [
        importlib.import_module(".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts)))
        for path in files
    ]
    found = (getattr(module, "blueprint", None) for module in modules)
    for blueprint in dict.fromkeys(each for each in found if each is not None):  # several modules may share a blueprint
        app.register_blueprint(blueprint)
    if hasattr(package, "init_app"):
        package.init_app(app)
