"""Folder → Pack, with file and line of every problem. Pure."""

from authoring.reader.reading import Outcome, read_folder, read_path, read_shelf
from authoring.reader.shelf import Shelf

__all__ = ["Outcome", "Shelf", "read_folder", "read_path", "read_shelf"]
