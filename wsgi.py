"""For a WSGI server of one's own: `gunicorn wsgi:app`; jobs then run in `alliance worker`."""

from alliance.app import create_app

app = create_app()
