"""Bring the database up to this version: migrations, cache table, shipped content.

Run before the site starts: by `make run`, and by the `migrate` service of docker-compose.yml.
Every part may run again at any time.
"""

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("publish_pack", verbosity=0)


if __name__ == "__main__":
    main()
