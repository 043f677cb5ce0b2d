"""Set-up from a bare Python: standard library only, for nothing is installed yet."""
