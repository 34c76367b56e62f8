"""The effective document as the contract tests see it: operations, schemas, checks and policy."""
