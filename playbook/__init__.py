"""Reads `config/` into a `Playbook`, or says everything that is wrong with it."""
