"""`make demo`: two stand-in CRMs, a thousand leads, a team that answers most of them, and a board that shows it all."""
