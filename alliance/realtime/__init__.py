"""Socket.IO: rooms and news of the event log."""
