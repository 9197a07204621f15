"""The learner's side of a run: everything a page may change."""
