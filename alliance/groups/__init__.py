"""Spaces: the action lines (and, later, working groups)."""
