"""A run: its plan, its workers, its results and what it prints."""
