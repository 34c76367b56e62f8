"""From a vendor's document to the effective document."""
