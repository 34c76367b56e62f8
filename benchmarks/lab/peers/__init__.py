"""What other vendors' clients do in the same cases; each runs in a separate process and environment."""
