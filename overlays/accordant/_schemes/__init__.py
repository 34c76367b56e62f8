"""What a document declares about credentials and addresses, as data from which a client is put together."""
