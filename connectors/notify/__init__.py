"""Ways to tell a person something: the terminal, Slack."""
