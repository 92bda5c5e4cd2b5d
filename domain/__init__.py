"""The nouns and verbs of lead routing: frozen values, and business hours.

Everything here is a value or a function of values. Nothing in this package reads a clock, a file, the
network or the environment, and nothing in it logs.
"""
