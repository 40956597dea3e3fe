"""What moderators say of a discussion as a whole: its key contributions, and a summary every sentence of which names its posts."""
