"""Feature families: what is looked at in an image."""
