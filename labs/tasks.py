"""Celery's door into the labs. A task carries no id and decides nothing: it says "look"."""
