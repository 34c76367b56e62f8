"""From an address or a file to the vendor's document in ``specs/``."""
