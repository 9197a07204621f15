"""Pack → versions and pointers, one transaction. The only writer of the catalogue."""

from authoring.publish.publishing import Broken, catalogue_now, publish
from authoring.publish.questions import RENDERER

__all__ = ["RENDERER", "Broken", "catalogue_now", "publish"]
