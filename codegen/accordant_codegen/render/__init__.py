"""From operations and types to the text of the generated files."""
