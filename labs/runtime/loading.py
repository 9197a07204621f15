"""The runtime of this process: loaded once, by name, and only by a worker."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from labs.runtime import NoModelError, SharedRuntime
from labs.runtime.catalogue import Entry, read
from labs.runtime.model import Model
from labs.runtime.serving import ModelRuntime, Shelf
from labs.runtime.vetting import Vetted, vet

_loaded: dict[str, SharedRuntime] = {}
_loading = Lock()  # the runs of a claim ask side by side; a model is loaded once


def get_runtime() -> SharedRuntime:
    """What settings.LAB_RUNTIME names."""
    name = settings.LAB_RUNTIME
    with _loading:
        if name not in _loaded:
            _loaded[name] = import_string(name)()
        return _loaded[name]


def model_runtime() -> ModelRuntime:
    """The runtime of a worker with models: what the operator's model file names."""
    catalogue = read(Path(settings.LAB_MODELS).read_text())
    return ModelRuntime(Shelf(catalogue, load_model, room=settings.LAB_MODEL_MEMORY))


def load_model(entry: Entry) -> Model:
    """Look at every file of a model's folder, then hand it to its backend.

    Raises:
        NoModelError: the entry names no local folder, or no hash to hold it against.
        ModelRefused: the folder is not what the model file says, or holds what it must not.
    """
    if entry.backend != "hf" or not entry.path or not entry.sha256:
        raise NoModelError(
            f"The model {entry.slug!r} cannot be loaded. Give it backend 'hf', a local path and "
            "the sha256 of its files."
        )
    folder = settings.BASE_DIR / entry.path
    vetted = vet(folder, largest=settings.LAB_MODEL_MEMORY, pinned=entry.sha256)
    load: Callable[[Entry, Vetted], Model] = import_string("labs.runtime.hf.load")
    return load(entry, vetted)
