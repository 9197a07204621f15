"""The real settings, made fast. The queue is never eager: tests call the worker's functions."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests-" + "0" * 50)
os.environ.setdefault("LAB_SEED_SECRET", "tests-" + "1" * 50)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("SIGNUP", "open")

from config.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SECURE_SSL_REDIRECT = False
STATIC_ROOT = tempfile.mkdtemp(
    prefix="cairn-static-"
)  # whitenoise wants a folder, even an empty one
