"""Forms of what is kept of oneself."""

from __future__ import annotations

from alliance.accounts.forms import PresentPasswordForm


class ArchiveForm(PresentPasswordForm):
    """Asking for an archive."""
