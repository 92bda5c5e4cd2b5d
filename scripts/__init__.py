"""The `fairlead` command, one module per sub-command."""
