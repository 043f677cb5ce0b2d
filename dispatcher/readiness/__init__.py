"""« Prêt ? »: would an alert leave tonight; what would stop it, and its remedy."""
