"""The audit log, for auditors and administrators: who saw and changed what."""

from __future__ import annotations

from starlette.responses import Response

from backline.desk.inbox import Chosen
from backline.desk.roles import Permission
from backline.desk.visits import AUDIT, Page, Visit

ON_A_PAGE = 100


def audit(visit: Visit) -> Response:
    """Show a part of the log, the latest first; reading it is kept in it, too."""
    page = Chosen.read(visit.request.query_params, visit.desk.words).page
    log = visit.desk.store.audit
    log.add(visit.by.look("audit_shown", "-"))
    found = log.page((page - 1) * ON_A_PAGE, ON_A_PAGE + 1)
    return visit.show("audit.html", looks=found[:ON_A_PAGE], page=page, more=len(found) > ON_A_PAGE)


PAGES = (Page(AUDIT, "GET", Permission.READ_AUDIT, audit),)
