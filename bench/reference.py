"""What every page of Flask costs at least: the reference of `bench.pages`."""

from flask import Flask

application = Flask(__name__)


@application.get("/")
def hello() -> str:
    """Five letters."""
    return "hello"
