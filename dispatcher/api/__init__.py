"""JSON over HTTP, and the hooks that providers call."""
