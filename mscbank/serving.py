"""Serving with gunicorn, as a child of the ``mscbank`` command."""

from __future__ import annotations

import os
import sys


def run(host: str, port: int, workers: int, *, https: bool | None = None) -> None:
    """Replace this process by gunicorn serving the application."""
    if https is not None:
        os.environ["MSCBANK_HTTPS"] = "yes" if https else "no"
        if not https:  # a browser knows passkeys on localhost without https, and under no number
            os.environ.setdefault("MSCBANK_ORIGIN", f"http://localhost:{port}")
    print(f"Serving at http://{host}:{port}/ - stop with Ctrl-C.", flush=True)
    os.execv(sys.executable, [
        sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", str(workers),
        "--timeout", "60", "--graceful-timeout", "10", "--log-level", "warning",
        "mscbank:create_app()"])
