"""The life of one call: from an operation to a request, its attempts, and a response or an error."""
