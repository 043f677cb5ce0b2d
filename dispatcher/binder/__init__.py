"""The crisis binder: what is needed when the server is gone, on paper and off the server."""
