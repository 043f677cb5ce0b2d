"""Missions made where they are needed: of a card's step, a call for help, an unreached street."""
