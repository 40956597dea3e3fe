"""What is said: discussions and their posts."""
