"""The feed of a partner: its events after a cursor, page by page.

The cursor is the number of a line of the logbook, which never has a gap that is filled later: who
reads on from `next` misses nothing and reads nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.partners.events import Event, event_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_feed import read_lines
from dispatcher.store.partners import Partner

PAGE = 500
MOST_LOOKS = 20  # of a page's lines each: who is told little of a long logbook turns more pages


@dataclass(frozen=True)
class FeedPage:
    """Some events in order; `after` is the next page's cursor, `more`: there is one now.

    `end` is the last line that there was at the first look.
    """

    events: Sequence[Event]
    after: int
    more: bool
    end: int


async def page_of(
    ledger: Ledger, partner: Partner, *, after: int = 0, limit: int = PAGE
) -> FeedPage:  # fmt: skip
    """Return up to `limit` events after a cursor. A page may be empty and yet have one after it.

    What was before the partner was let in is not its to know, whatever the cursor.
    """
    events: list[Event] = []
    through, more, end = max(after, partner.told_from), True, 0
    for _ in range(MOST_LOOKS):
        read = await read_lines(ledger, partner, after=through, limit=limit)
        end = end or read.end
        for line in read.lines:
            if (event := event_of(line, read)) is not None:
                events.append(event)
                if len(events) == limit:
                    last = line.number == read.lines[-1].number and not read.more
                    return FeedPage(events, line.number, not last, end)
        through, more = read.through, read.more
        if not more:
            break
    return FeedPage(events, through, more, end)
