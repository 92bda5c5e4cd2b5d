"""Decides who owns a lead. Pure: values in, decisions out; it does not know the SLA monitor."""
