"""Nothing silent: what stands still, ends soon or does not answer is told to those on call."""
