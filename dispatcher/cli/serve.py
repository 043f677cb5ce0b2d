"""`serve`: the web process."""

import typer
import uvicorn

from dispatcher.delivery.accounts import live_media
from dispatcher.settings import PlaceSettings

app = typer.Typer(add_completion=False)


@app.command()
def serve() -> None:
    """Serve the console, the API and the providers' hooks."""
    place = PlaceSettings()
    live_media()  # a faulty accounts file is told in sentences, before the server starts
    uvicorn.run(
        "operator_ui.app:create_app",
        factory=True,
        host=place.host,
        port=place.port,
        log_level="warning",
        access_log=False,  # addresses of residents' pages hold their tokens
        server_header=False,
    )
