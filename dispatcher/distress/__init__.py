"""Calls for help: who has each, how it ended, and the RAC called when nobody has it."""
