"""What is made and proven before a release: the reference, the wheel in clean environments, a project that uses it."""
