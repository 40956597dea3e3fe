"""What a working group keeps at hand: documents in versions, and links."""
