"""What every door shares: the actor of a request, pages, the API kit, forms, limits, errors. Flask is known from here up."""

from alliance.web.actors import current_actor

__all__ = ["current_actor"]
