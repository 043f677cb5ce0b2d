"""Reception centres in a crisis: opened, counted in, who is there; where to send people instead."""
