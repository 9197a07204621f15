"""Counts the SQL statements of pages: run as a process of its own, prints one JSON object."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    address, *paths = sys.argv[1:]
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email=address))
    found = {}
    for path in paths:
        client.get(path)  # the first look may open a try
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        found[path] = len(captured)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
