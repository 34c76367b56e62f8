"""The records that a run knows: how they are stored, chosen, filled in and compared."""
