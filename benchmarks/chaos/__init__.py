"""Many calls through faults, judged by what the server really holds."""
