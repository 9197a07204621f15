"""Markdown → cleaned HTML: the one pipeline for everything an author wrote. Pure."""

from authoring.markdown.cleaning import clean
from authoring.markdown.rendering import Context, Image, Rendered, render_lesson, render_text

__all__ = ["Context", "Image", "Rendered", "clean", "render_lesson", "render_text"]
