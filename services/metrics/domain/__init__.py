"""Pure decisions of the metrics service: numbers in, numbers out; no database, no network, no clock."""
