"""A crisis: opened in one act, led state by state, its people called up and relieved."""
