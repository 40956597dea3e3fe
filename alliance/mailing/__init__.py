"""Mail out, and archives in."""
