"""What the commune decided: its safeguard plan (PCS), read, checked and published."""
