"""The logbook: append-only, chained, verifiable."""
