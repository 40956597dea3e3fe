"""Straw polls in posts: single, multiple or ranked, told by stakeholder type."""
