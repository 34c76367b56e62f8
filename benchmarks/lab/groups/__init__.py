"""The cases, by what goes wrong."""
