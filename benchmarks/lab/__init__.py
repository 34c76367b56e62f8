"""The behaviour table: a scripted server that misbehaves, and what each client makes of it."""
