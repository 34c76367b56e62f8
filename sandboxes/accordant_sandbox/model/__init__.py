"""What a vendor is made of: collections, lifecycles, rules, queries, pages, operations."""
