"""Answers that are files."""

from __future__ import annotations

from flask import Response


def pdf(paper: bytes, name: str) -> Response:
    """A paper, shown in the browser and kept under this name."""
    answer = Response(paper, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
