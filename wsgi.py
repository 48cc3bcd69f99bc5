"""For gunicorn: ``gunicorn wsgi:app``."""

from mscbank import create_app

app = create_app()
