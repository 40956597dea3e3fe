"""Flags, the review queue, acts of moderators and their public log."""
