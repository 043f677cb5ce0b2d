"""The commune's people who may sign in: invited, changed, recovered; everybody concerned told."""
