"""Teams and their missions: what they report, what they are ordered, where they are."""
