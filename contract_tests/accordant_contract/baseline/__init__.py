"""Known deviations: what a vendor is known to do otherwise than its document says, for a time and with a reason."""
