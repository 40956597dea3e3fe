"""What moderators say of a discussion as a whole: its key contributions."""
