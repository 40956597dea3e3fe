"""Commands. Each exits non-zero with one clear line on bad input."""

from alliance.cli import (
    accounts,
    backup,
    demo,
    digest,
    doctor,
    exports,
    imports,
    mail,
    migrate,
    permissions,
    recount,
    search,
    serve,
    settings,
    worker,
)
from alliance.cli.base import main

__all__ = [
    "accounts",
    "backup",
    "demo",
    "digest",
    "doctor",
    "exports",
    "imports",
    "mail",
    "main",
    "migrate",
    "permissions",
    "recount",
    "search",
    "serve",
    "settings",
    "worker",
]
