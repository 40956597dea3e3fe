"""Commands. Each exits non-zero with one clear line on bad input."""

from alliance.cli import accounts, imports, demo, doctor, migrate, permissions, search, serve, settings, worker
from alliance.cli.base import main

__all__ = ["accounts", "imports", "demo", "doctor", "main", "migrate", "permissions", "search", "serve", "settings", "worker"]
