"""A Salesforce and a HubSpot that speak the real HTTP APIs over SQLite. Imports nothing else of this project."""
