"""Pictures of a pack, served from the catalogue."""
