"""HTTP: routing, requests and responses, and their validation by the document."""
