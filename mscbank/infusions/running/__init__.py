"""A bag that runs: vital signs, its end, reactions, as one page. The acts are the step's own."""
