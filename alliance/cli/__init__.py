"""Commands. Each exits non-zero with one clear line on bad input."""

from alliance.cli import accounts
from alliance.cli.base import main

__all__ = ["accounts", "main"]
