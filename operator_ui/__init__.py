"""Pages people look at, decide in, launch from."""
