"""Short programs that use the clients as their users do; `make demo` plays them against the sandboxes."""
