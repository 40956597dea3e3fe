"""What people are still writing: kept on the server as they type, and given back wherever they go on."""
