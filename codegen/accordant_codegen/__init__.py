"""From a vendor's document to its effective document and its generated client.

A tool: nothing that ships imports it. ``python -m accordant_codegen --help`` lists its commands.
"""
