"""From a planned delivery to its settled end."""
