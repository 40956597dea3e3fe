"""Two signals kept apart: thanks (social) and position (support, can live with, object)."""
