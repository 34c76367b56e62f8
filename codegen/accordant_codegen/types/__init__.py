"""From schemas to Python types and names."""
