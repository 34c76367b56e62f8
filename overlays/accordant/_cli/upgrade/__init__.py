"""`accordant upgrade-check`: uses of what a new version removed or changed, found in a caller's code."""
