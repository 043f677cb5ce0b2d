"""Revising the plan in force: changes, versions, tables, and the first plan of a commune."""
