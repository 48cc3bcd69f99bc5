"""What waits for somebody, room by room: each a question to the records, answered with items."""
