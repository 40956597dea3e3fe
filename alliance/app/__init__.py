"""The application: knows every room, is known by none but the commands and wsgi.py."""

from __future__ import annotations

import secrets
import time

import structlog
from flask import Flask, Response, g, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from alliance.accounts import session
from alliance.app.rooms import BLUEPRINTS
from alliance.core import db, jobs, logs, outbox, own, pace, schema, shipped, wake
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.discussions import topics
from alliance.groups import services as groups_services
from alliance.realtime import sockets
from alliance.web import actors, addresses, api, assets, errors, figures, kept, languages, limits, owned, pages, security, uploads

log = structlog.get_logger(__name__)


def start(settings: Settings | None = None) -> Settings:
    """Open everything a process needs: settings, logs, database, queue. No schema is changed.

    Raises:
        SettingsError: a setting cannot be used; the message says what to do.
    """
    ready = settings_module.prepare(settings or settings_module.load())
    settings_module.use(ready)
    logs.configure(ready.log_format)
    db.connect(ready.database)
    jobs.connect(ready)
    wake.connect(ready.redis_url)
    limits.connect(ready)
    return ready


def migrate() -> None:
    """Bring the database to this version, with the reference data, and give every listener its place in the log."""
    schema.upgrade()
    own.watch()
    groups_services.load_reference()
    topics.load_reference()
    outbox.enrol()


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application of a process on which `start` was called (with settings: calls it)."""
    if settings is not None:
        start(settings)
    ready = settings_module.current()
    app = Flask("alliance", static_folder=str(assets.folder()), template_folder=str(shipped.path("templates")))
    app.config.update(_flask_config(ready))
    if ready.trusted_proxies:
        n = ready.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=0)  # type: ignore[method-assign]
    Compress(app)
    security.csrf.init_app(app)
    session.install(app)
    pages.install(app)
    errors.install(app)
    addresses.install(app)
    uploads.install(app)
    _install_hooks(app)
    for blueprint in (*BLUEPRINTS, api.bp):
        app.register_blueprint(blueprint)
    kept.install(app, (str(app.config["SESSION_COOKIE_NAME"]), str(app.config["REMEMBER_COOKIE_NAME"])))
    sockets.install(app, ready)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure else "session",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_NAME": "__Host-remember" if settings.secure else "remember",
        "REMEMBER_COOKIE_SECURE": settings.secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a long text is not lost to a clock
        "MAX_CONTENT_LENGTH": 4 * 2**20,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "application/problem+json",
            "application/atom+xml",
            "image/svg+xml",
            "text/plain",
        ],
    }


def _install_hooks(app: Flask) -> None:
    app.before_request(_begin)
    app.before_request(actors.load_actor)
    app.before_request(languages.choose)
    app.after_request(owned.collect)
    app.after_request(kept.collect)
    app.after_request(languages.remember)
    app.after_request(assets.caching)
    app.after_request(security.headers)
    app.after_request(_end)
    app.teardown_request(_release)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    pace.begin(g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    figures.answered(request.method, figures.route(), response.status_code, seconds)
    log.info("request", method=request.method, path=request.path, status=response.status_code, ms=round(seconds * 1000, 1))
    return response


def _release(_error: BaseException | None) -> None:
    db.release()
    pace.end(g.get("request_id", ""))
