"""Walks over lists: one walker for each style, date windows and resume tokens."""
