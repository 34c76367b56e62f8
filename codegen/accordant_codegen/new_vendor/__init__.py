"""From a name and an address to a vendor: document, guesses, generated client, contract run."""
