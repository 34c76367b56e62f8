"""Requests that earlier runs found worth keeping: a file for each vendor, replayed before anything new is made up."""
