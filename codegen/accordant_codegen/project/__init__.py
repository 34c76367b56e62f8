"""A user's own project: a package of clients, with documents, corrections and tests, outside this repository."""
