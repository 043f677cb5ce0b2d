"""A crisis: events, the acts on them, holders of functions, tasks, and whom they call up."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _events()
    _event_acts()
    _event_alerts()
    _event_holders()
    _event_tasks()
    _summonses()
    _summons_calls()


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_at", sa.Double(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("scenario", sa.String(length=40), nullable=True),
        sa.Column("directed_by", sa.String(length=8), nullable=False),
        sa.Column("directed_since", sa.Double(), nullable=True),
        sa.Column("received_from", sa.Text(), nullable=True),
        sa.Column("received_text", sa.Text(), nullable=True),
        sa.Column("received_code", sa.Text(), nullable=True),
        sa.Column("received_at", sa.Double(), nullable=True),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "event_id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_open",
        "events",
        ["commune", "mode"],
        unique=True,
        sqlite_where=sa.text("state IN ('signale','evaluation','pre_alerte','active')"),
        postgresql_where=sa.text("state IN ('signale','evaluation','pre_alerte','active')"),
    )


def _event_acts() -> None:
    op.create_table(
        "event_acts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=False),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("acted_by", sa.String(length=64), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("acted_at", sa.Double(), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "event_id"],
            ["events.commune", "events.event_id"],
            name=op.f("fk_event_acts_events"),
        ),
        sa.PrimaryKeyConstraint("commune", "event_id", "number", name=op.f("pk_event_acts")),
        sa.UniqueConstraint("commune", "act_key", name=op.f("uq_event_acts_commune_act_key")),
    )


def _event_alerts() -> None:
    op.create_table(
        "event_alerts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("drafted_by", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "event_id"],
            ["events.commune", "events.event_id"],
            name=op.f("fk_event_alerts_events"),
        ),
        sa.PrimaryKeyConstraint("commune", "event_id", "alert_id", name=op.f("pk_event_alerts")),
        sa.UniqueConstraint(
            "commune",
            "event_id",
            "template",
            name=op.f("uq_event_alerts_commune_event_id_template"),
        ),
    )


def _event_holders() -> None:
    op.create_table(
        "event_holders",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "event_id"],
            ["events.commune", "events.event_id"],
            name=op.f("fk_event_holders_events"),
        ),
        sa.PrimaryKeyConstraint("commune", "event_id", "number", name=op.f("pk_event_holders")),
    )
    op.create_index(
        "ix_event_holders_now",
        "event_holders",
        ["commune", "event_id", "post"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _event_tasks() -> None:
    op.create_table(
        "event_tasks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cell", sa.String(length=40), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=True),
        sa.Column("approval", sa.String(length=40), nullable=True),
        sa.Column("duration_min", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "event_id"],
            ["events.commune", "events.event_id"],
            name=op.f("fk_event_tasks_events"),
        ),
        sa.PrimaryKeyConstraint("commune", "event_id", "card", "step", name=op.f("pk_event_tasks")),
    )


def _summonses() -> None:
    op.create_table(
        "summonses",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("summons_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("wait_s", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("launched_by", sa.String(length=64), nullable=False),
        sa.Column("launched_at", sa.Double(), nullable=False),
        sa.Column("stopped_by", sa.String(length=64), nullable=True),
        sa.Column("over_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "event_id"],
            ["events.commune", "events.event_id"],
            name=op.f("fk_summonses_events"),
        ),
        sa.ForeignKeyConstraint(
            ["commune", "summons_id"],
            ["alerts.commune", "alerts.alert_id"],
            name=op.f("fk_summonses_alerts"),
        ),
        sa.PrimaryKeyConstraint("commune", "summons_id", name=op.f("pk_summonses")),
    )
    op.create_index(
        "ix_summonses_open",
        "summonses",
        ["commune", "summons_id"],
        unique=False,
        sqlite_where=sa.text("over_at IS NULL"),
        postgresql_where=sa.text("over_at IS NULL"),
    )


def _summons_calls() -> None:
    op.create_table(
        "summons_calls",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("summons_id", sa.String(length=64), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=True),
        sa.Column("called_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "summons_id"],
            ["summonses.commune", "summonses.summons_id"],
            name=op.f("fk_summons_calls_summonses"),
        ),
        sa.PrimaryKeyConstraint(
            "commune", "summons_id", "post", "rank", name=op.f("pk_summons_calls")
        ),
    )
    # ### end Alembic commands ###
