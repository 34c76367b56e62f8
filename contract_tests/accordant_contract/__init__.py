"""Contract tests: probes drive a vendor's API, judges decide whether what came back is right, evidence says so."""
