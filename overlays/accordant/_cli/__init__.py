"""The command `accordant`: vendors, documents, sandboxes, and calls of a client's methods from a shell.

Nothing of the package imports this room. The sandboxes are imported by the one command that serves them.
"""
