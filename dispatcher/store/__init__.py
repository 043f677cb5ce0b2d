"""The ledger: tables, migrations, one module per group of statements."""
