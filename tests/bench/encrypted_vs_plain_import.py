"""Benchmark: a file of 1,000,000 residents imported sealed, against the same import in clear.

Both by line. The peer writes fewer lines, so that the run ends in time: its ledger stays small and
its indexes warm, which counts against us. Each runs in a process of its own, one after the other.
"""

from tests.bench.parts.importing import Imported, imported

LINES = 1_000_000
PEER_LINES = 150_000
GOAL = 3.0
MOST_GROWTH = 1.2  # of memory, from the first tenth to the end


def run() -> dict[str, object]:
    """Import both; memory is told as it was after a tenth of the people, and at its peak."""
    peer = imported(PEER_LINES, sealed=False)
    ours = imported(LINES, sealed=True)
    ratio = _us_a_line(ours) / _us_a_line(peer)
    growth = ours.peak_mb / ours.early_mb
    return {
        "name": "encrypted_vs_plain_import",
        "value": round(ratio, 2),
        "unit": "x",
        "goal": GOAL,
        "met": ratio <= GOAL and growth <= MOST_GROWTH,
        "detail": {
            "lines": LINES,
            "seconds": round(ours.seconds, 1),
            "reading_s": round(ours.reading_s, 1),
            "us_a_line": round(_us_a_line(ours), 1),
            "peer_lines": PEER_LINES,
            "peer_us_a_line": round(_us_a_line(peer), 1),
            "memory_mb": {"first_tenth": round(ours.early_mb), "peak": round(ours.peak_mb)},
            "memory_growth": round(growth, 3),
            "goal_memory_growth": MOST_GROWTH,
        },
    }


def _us_a_line(one: Imported) -> float:
    return one.seconds / one.lines * 1e6
