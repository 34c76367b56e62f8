"""Guesses: what a document does not say of its lists and records, written as an overlay that a person corrects."""
