"""Any document: what becomes of a folder of them, from the generator to the contract run."""
