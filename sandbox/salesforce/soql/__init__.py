"""Salesforce's query language: text -> `syntax` (by `parser`) -> rows (by `plan`)."""
