"""The verifier that travels in every bundle: one file that needs nothing of mscbank."""
