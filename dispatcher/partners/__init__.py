"""Partners' systems: police, gendarmerie, fire service; who they are, and how they prove it."""
