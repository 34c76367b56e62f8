"""HTTP: messages, transports, multipart bodies, files and secrets."""
