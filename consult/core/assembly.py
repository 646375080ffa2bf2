"""Puts an application together from its packages."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from flask import Flask

from consult.core import etag, i18n, limits, logs, queue, templates, web
from consult.core.db import READ_ONLY, UNCOMPILED, db
from consult.core.settings import Settings
from consult.core.spoken import SpokenEnvironment


def assemble(settings: Settings | None, root: Path, packages: Sequence[ModuleType]) -> Flask:
    """Flask with core's services, then each package's tables, tasks and pages.

    Settings come from the environment where none are given. A package may have `views` (and `…_views`) with
    `blueprint`, `tasks`, and `init_app(app)`.
    """
    settings = settings or Settings()
    logs.configure(settings.log_level)
    app = Flask("consult", root_path=str(Path(__file__).resolve().parents[1]), template_folder=str(root / "templates"),
                static_folder=str(root / "static"))  # fmt: skip
    app.jinja_environment = SpokenEnvironment  # type: ignore[assignment]
    app.jinja_options = {"cache_size": -1}  # every template in every language: a fixed number
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.database_pool,
            "max_overflow": settings.database_pool,
            "pool_use_lifo": True,  # few connections that know their statements, rather than many that do not yet
            "skip_autocommit_rollback": True,
            "hide_parameters": True,  # an error is logged, and they are names, addresses and words
            "connect_args": {
                "options": f"-c timezone=utc -c lock_timeout=15000 -c statement_timeout=120000 {UNCOMPILED} {READ_ONLY}"
            },
        },
    )
    for part in (db, web, i18n, limits, queue, templates, etag):
        part.init_app(app)
    for package in packages:
        _register(app, package)
    return app


def _register(app: Flask, package: ModuleType) -> None:
    folder = Path(str(package.__file__)).parent
    names = [name for name in ("model", "tasks") if (folder / f"{name}.py").exists()]
    names += sorted(path.stem for path in folder.glob("*views.py"))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = (getattr(module, "blueprint", None) for module in modules)
    for blueprint in dict.fromkeys(each for each in found if each is not None):  # several modules may share one
        app.register_blueprint(blueprint)
    if hasattr(package, "init_app"):
        package.init_app(app)
