"""What telephone systems recorded: files of call detail records, and webhooks. Legs become calls here, and nothing
else: whose lead a number is, and whether a call counts, is not known in this package."""
