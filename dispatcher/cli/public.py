"""`public`: the page that everybody may read, apart from the console."""

import typer
import uvicorn

from dispatcher.settings import PlaceSettings

app = typer.Typer(add_completion=False)


@app.command()
def public() -> None:
    """Serve the alerts in force to everybody, from a process and a port of their own."""
    place = PlaceSettings()
    uvicorn.run(
        "operator_ui.public_server:create_app",
        factory=True,
        host=place.host,
        port=place.public_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=400,
    )
