"""How a person is reached: one file a channel, one contract for all."""
