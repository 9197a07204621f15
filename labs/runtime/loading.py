"""The runtime of this process: loaded once, by name, and only by a worker."""

from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from labs.runtime import SharedRuntime

_loaded: dict[str, SharedRuntime] = {}
_loading = Lock()  # the runs of a claim ask side by side; a model is loaded once


def get_runtime() -> SharedRuntime:
    """What settings.LAB_RUNTIME names."""
    name = settings.LAB_RUNTIME
    with _loading:
        if name not in _loaded:
            _loaded[name] = import_string(name)()
        return _loaded[name]
