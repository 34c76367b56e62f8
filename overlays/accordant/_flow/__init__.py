"""Flows: logic that is written once, as generators, and the two drivers that run it."""
