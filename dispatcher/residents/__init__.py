"""Who lives here and how each is reached."""
