from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The wiring. An app only so that its commands are found."""

    name = "config"
