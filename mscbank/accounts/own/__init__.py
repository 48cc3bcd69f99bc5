"""What everyone keeps for themselves: their passkeys and their time code."""
