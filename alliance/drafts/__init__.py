"""Unfinished texts, kept on the server while one types; they know places, not discussions."""
