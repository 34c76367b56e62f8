"""The stateful engine: tables of rows, transactions, time, credentials and limits."""
