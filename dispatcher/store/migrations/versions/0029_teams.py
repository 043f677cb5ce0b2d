"""Teams in the field: their reports, missions, alarms and trails; what nobody could place."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _desk_items()
    _field_reports()
    _missions()
    _own_teams()
    _team_alarms()
    _team_states()
    _team_trails()


def _desk_items() -> None:
    op.create_table(
        "desk_items",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("came_at", sa.Double(), nullable=False),
        sa.Column("happened_at", sa.Double(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("commune", "item", name=op.f("pk_desk_items")),
    )
    op.create_index(
        "ix_desk_items_open",
        "desk_items",
        ["commune", "came_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _field_reports() -> None:
    op.create_table(
        "field_reports",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=True),
        sa.Column("mission", sa.String(length=64), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("said", sa.String(length=24), nullable=True),
        sa.Column("mission_said", sa.String(length=24), nullable=True),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "report_id", name=op.f("pk_field_reports")),
    )
    op.create_index(
        op.f("ix_field_reports_commune_mission_at_report_id"),
        "field_reports",
        ["commune", "mission", "at", "report_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_field_reports_commune_team_at_report_id"),
        "field_reports",
        ["commune", "team", "at", "report_id"],
        unique=False,
    )


def _missions() -> None:
    op.create_table(
        "missions",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("place_in_line", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("origin_ref", sa.Text(), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=True),
        sa.Column("last_report", sa.String(length=64), nullable=True),
        sa.Column("heard_at", sa.Double(), nullable=True),
        sa.Column("heard_report", sa.String(length=64), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("by_order", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=True),
        sa.Column("ordered_at", sa.Double(), nullable=True),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("chased", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("chased_at", sa.Double(), nullable=True),
        sa.Column("result", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "mission", name=op.f("pk_missions")),
    )
    op.create_index(
        op.f("ix_missions_commune_event_state"),
        "missions",
        ["commune", "event", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_missions_commune_team_state"),
        "missions",
        ["commune", "team", "state"],
        unique=False,
    )


def _own_teams() -> None:
    op.create_table(
        "own_teams",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("call_sign", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "team", name=op.f("pk_own_teams")),
    )


def _team_alarms() -> None:
    op.create_table(
        "team_alarms",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alarm", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=True),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("again_at", sa.Double(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("owned_at", sa.Double(), nullable=True),
        sa.Column("rung_at", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "alarm", name=op.f("pk_team_alarms")),
    )
    op.create_index(
        "ix_team_alarms_open",
        "team_alarms",
        ["commune", "team", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _team_states() -> None:
    op.create_table(
        "team_states",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=True),
        sa.Column("since", sa.Double(), nullable=True),
        sa.Column("last_at", sa.Double(), nullable=True),
        sa.Column("last_report", sa.String(length=64), nullable=True),
        sa.Column("heard_at", sa.Double(), nullable=True),
        sa.Column("heard_report", sa.String(length=64), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("placed_at", sa.Double(), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "team", name=op.f("pk_team_states")),
    )
    op.create_index(
        op.f("ix_team_states_commune_changed_at"),
        "team_states",
        ["commune", "changed_at"],
        unique=False,
    )


def _team_trails() -> None:
    op.create_table(
        "team_trails",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("mission", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commune", "team", "at", name=op.f("pk_team_trails")),
    )
