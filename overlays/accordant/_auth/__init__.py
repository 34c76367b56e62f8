"""Credentials: how a request is authorized, and how tokens are obtained, kept and renewed."""
