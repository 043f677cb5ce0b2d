"""The collector of reference cycles, kept from walking again and again through what stays."""

import gc

# Objects made between two of its rounds: a block of deliveries is ten thousand, five hundred
# statuses are fifty thousand, and hardly any of them is in a cycle.
CYCLES_EVERY = (50_000, 20, 20)


def spare_the_collector() -> None:
    """Let it pass over what was loaded for good.

    Walking through that took a tenth of a process's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*CYCLES_EVERY)
