"""Salesforce through simple-salesforce."""
