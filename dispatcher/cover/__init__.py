"""Who is covered and who is not: shares of a commune, rounds, failing contacts."""
