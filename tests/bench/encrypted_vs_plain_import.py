"""Benchmark: a file of 1,000,000 residents imported sealed, against the same import in clear.

By the CPU of a line: what both wait for alike, the disk, would flatter us. The peer writes fewer
lines, so that the run ends in time: its indexes stay small and warm, which counts against us too.
"""

from tests.bench.parts.importing import side_by_side

LINES = 1_000_000
PEER_LINES = 150_000
GOAL = 3.0
MOST_GROWTH = 1.2  # of memory, from the first tenth to the end


def run() -> dict[str, object]:
    """Import both; memory is told as it was after a tenth of the people, and at its peak."""
    ours, peer = side_by_side((LINES, True), (PEER_LINES, False))
    ratio = ours.us_a_line / peer.us_a_line
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
            "cpu_us_a_line": round(ours.us_a_line, 1),
            "peer_lines": PEER_LINES,
            "peer_cpu_us_a_line": round(peer.us_a_line, 1),
            "memory_mb": {"first_tenth": round(ours.early_mb), "peak": round(ours.peak_mb)},
            "memory_growth": round(growth, 3),
            "goal_memory_growth": MOST_GROWTH,
        },
    }
