"""What a partner may be, and what it may be allowed to do; launching is not among it."""

KINDS = (
    "police_nationale",
    "police_municipale",
    "gendarmerie",
    "fire_service",
    "municipal",
    "other",
)
# Nobody's system launches an alert: that takes two people of the commune (SECURITY T8).
VERBS = ("team.status", "team.position", "mission.status", "events.read")
RATE_PER_S = 20.0
FASTEST_PER_S = 500.0
