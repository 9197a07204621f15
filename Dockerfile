# One file, two images. web: pages, beat, migrations; no tokenizers, no model library.
# worker: the same and what labs run on.
FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    STATIC_ROOT=/app/staticfiles BEAT_FILE=/tmp/beat LOG_FORMAT=json
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin cairn
WORKDIR /app
COPY pyproject.toml README.md ./

FROM base AS web
RUN pip install .
COPY . .
# Collecting static files needs settings, and settings refuse to start without secrets.
RUN SECRET_KEY=only-while-the-image-is-built-00000000000000000000 \
    LAB_SEED_SECRET=only-while-the-image-is-built-0000000000000000 \
    ALLOWED_HOSTS=localhost python manage.py collectstatic --noinput
USER cairn
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--no-access-log", \
     "config.wsgi:application"]

FROM base AS worker
RUN pip install ".[worker]"
COPY . .
USER cairn
STOPSIGNAL SIGTERM
CMD ["sh", "-c", "exec celery -A config worker -Q ${LAB_WORKER_CLASS:-cpu} --concurrency 1 --without-gossip --without-mingle --loglevel info"]
