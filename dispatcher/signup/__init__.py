"""Residents who enrol by themselves: without an account, by a code that comes back."""
