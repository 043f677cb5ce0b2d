"""Who may have a call for help: an owner whose access ended is none, though who she was stays."""

from sqlalchemy import and_, or_, select

from dispatcher.store.following_tables import help_calls
from dispatcher.store.tables import users
from dispatcher.store.users import ENTITLED

# Functions that may read who called (`alert.replies` of `access/permissions.py`, which is above).
OWNING = ("dos", "deputy", "rac", "cell_chief", "operator")

_HERS = and_(
    users.c.commune == help_calls.c.commune,
    users.c.login == help_calls.c.owner,
    users.c.function.in_(OWNING),
    ENTITLED,
)
OWNED = select(users.c.login).where(_HERS).correlate(help_calls).exists()
# Nobody took it, or who did may not sign in any more, nor would she see that it is hers.
ALONE = or_(help_calls.c.owner.is_(None), ~OWNED)
# She asked once more of somebody who has it and has done nothing since.
ANEW = help_calls.c.anew_at.is_not(None)
