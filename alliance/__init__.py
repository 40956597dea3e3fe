"""Alliance: the forum of the multi-stakeholder follow-up to the World Summit on the Information Society."""

__version__ = "0.1.0"
