"""Keeps a field-service company's systems in step."""
