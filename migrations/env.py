"""Alembic's entry: migrates the database this process is connected to."""

from alembic import context

import alliance.app  # noqa: F401 - knows every model
from alliance.core import db


def run() -> None:
    """Run the migrations asked for, in one transaction each."""
    with db.engine().connect().execution_options(writing=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
