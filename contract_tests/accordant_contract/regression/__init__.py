"""A finding as a file for pytest, which sends the requests again through the client and asserts what was expected."""
