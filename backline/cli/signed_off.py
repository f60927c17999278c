"""What the clinic stands for, where a command says what the policy recommends."""

from __future__ import annotations

import typer

from backline.cli.console import ready_store
from backline.facts import Outcome
from backline.policy import Recommendation, withheld
from backline.settings import Settings
from backline.store import StoreError
from backline.store.policy_signatures import PolicyState


def as_signed(decided: Recommendation, settings: Settings) -> Recommendation:
    """Withhold a massage where the clinic wants the policy signed first, and has not signed it.

    Where the database cannot tell, it was not.
    """
    needed = settings.clinic.massage_needs_signed_policy
    if not needed or decided.outcome is Outcome.DOCTOR_FIRST:
        return decided
    try:
        signed = ready_store(settings).policy_signatures.state() is PolicyState.SIGNED
    except StoreError as error:
        line = " ".join(str(error).split())
        typer.echo(
            f"Whether the policy is signed cannot be told, so it counts as not: {line}", err=True
        )
        return withheld(decided)
    return decided if signed else withheld(decided)
