"""Judges: pure functions from what was sent and received to findings. They do no I/O and know no vendor."""
