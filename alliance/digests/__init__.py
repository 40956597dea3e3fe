"""What is carried to the Secretary-General, with its sources."""
