"""The vendors: one module each, with a ``VENDOR``."""
