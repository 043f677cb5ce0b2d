"""The law at work: what is kept, why, how long, what ended, and who opened what is sealed."""
