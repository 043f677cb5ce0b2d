"""Words of the alarms of teams, in French; the catalogue has them in English."""

from collections.abc import Mapping

from dispatcher.teams.alarming import KINDS

TEAM_ALARM_WORDS: Mapping[str, Mapping[str, str]] = {
    "team_alarm": {one.code: one.fr for one in KINDS},
    "team_alarm_to_do": {one.code: one.to_do for one in KINDS},
}
