"""The ground: areas, places, population. Pure: no network, no database, no web."""
