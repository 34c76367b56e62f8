"""Collections, operations, filters and references out of a document, and a whole vendor where nothing else is known."""
