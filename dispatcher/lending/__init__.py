"""Means in a crisis: lent, waited for, brought back or lost; where everything is."""
