"""Decides when a lead is late and what happens then. Pure: values in, decisions out; it does not know the router."""
