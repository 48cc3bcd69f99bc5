"""Answers that are files."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from mscbank.reports import tongue
from mscbank.web.language import language, pieces

CSV = "text/csv; charset=utf-8; header=present"
ZIP = "application/zip"


def download(content: str | bytes, kind: str, name: str) -> Response:
    """A file to be kept under this name. Whoever wrote what is in it, the browser never shows it
    as a page of ours. ``kind``: its media type."""
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def pdf(paper: bytes | Callable[[], bytes], name: str) -> Response:
    """A paper, shown in the browser and kept under this name. What draws it when called is drawn
    in the reader's language; a paper that is there already is as it was made."""
    if not isinstance(paper, bytes):
        with tongue.spoken(language(), pieces):
            paper = paper()
    answer = Response(paper, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
