"""After the infusion: visits in their windows, adverse events with both opinions on the cause."""
