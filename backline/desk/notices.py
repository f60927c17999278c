"""What staff were told by e-mail and webhook, and what did not go out."""

from __future__ import annotations

from starlette.responses import Response

from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit

MOST_SHOWN = 100


def notices_page(visit: Visit) -> Response:
    """Show the notices, the latest first, and keep that somebody looked: people are among them."""
    visit.desk.store.audit.add(visit.by.look("notices_shown", "-"))
    return visit.show("notices.html", notices=visit.desk.store.notices.latest(MOST_SHOWN))


PAGES = (Page("/desk/notices", "GET", Permission.SEE_PEOPLE, notices_page),)
