"""Quality control: samples, results, corrections, confirmation by a second person."""
