"""Pebble: small language models, trained by this project from text this project generates."""
