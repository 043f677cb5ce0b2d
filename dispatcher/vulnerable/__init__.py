"""The register of vulnerable people (CASF L121-6-1): kept, opened on a ground, never just read."""
