"""Generated clients, one package per vendor: models and operations, without any I/O."""
