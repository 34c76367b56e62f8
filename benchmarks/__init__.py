"""How the clients behave, and how they hold up: the behaviour table and the chaos run. Tools; nothing here ships."""
