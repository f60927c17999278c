"""Alembic's environment; only run with a connection that `backline.store.schema` hands over."""

from alembic import context

from backline.store.schema import VERSION_TABLE, is_ours
from backline.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=is_ours,
    render_as_batch=True,
)
context.run_migrations()
