"""What is kept of a person: given to them as an archive, and taken away when they ask for it."""
