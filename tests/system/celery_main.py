"""Celery's command line, in a process that knows the rehearsal exercise."""

from celery.__main__ import main

from tests.system.runtimes import install

if __name__ == "__main__":
    install()
    main()
