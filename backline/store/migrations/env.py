"""Alembic's environment; only ever run with a connection that `Store.upgrade` hands over."""

from alembic import context

from backline.store.repository import VERSION_TABLE
from backline.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=lambda name, kind, _: kind != "table" or name in Base.metadata.tables,
    render_as_batch=True,
)
context.run_migrations()
