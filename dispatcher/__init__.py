"""The service: verbs, ledger, queue, API and command line."""
