"""What one follows: watch, track or mute a discussion or a space; bookmarks."""
