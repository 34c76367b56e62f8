"""How often a client may call: rate limits, their shared store, and retries."""
