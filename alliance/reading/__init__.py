"""What one has read: marks per person and post, the first unread, counts per space."""
