"""What is tested: the vendor, its address, a session with it and the generated client."""
