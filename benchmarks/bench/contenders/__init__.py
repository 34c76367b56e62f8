"""The programs that are compared, each a process: they import nothing of each other."""
