"""What a working group does beside discussing: consensus calls, and meetings with their minutes."""
