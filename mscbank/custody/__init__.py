"""From hand to hand: handovers with both sides, journeys, temperature, excursions."""
