"""The fuzzer: schemathesis over the same target, its traffic judged by our judges as well."""
