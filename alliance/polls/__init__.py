"""Straw polls in a post: single, multiple or ranked choice, open or secret until they close."""
