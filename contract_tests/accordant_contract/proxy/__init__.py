"""A proxy between an app and a vendor: traffic passes through unchanged, and is held against the document."""
