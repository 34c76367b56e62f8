"""What other vendors' clients do in the same cases; each runs in a process and an environment of its own."""
