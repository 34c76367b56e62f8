"""A sandbox as a server: on a port or in process, its control routes and the pytest plugin."""
