"""Stand-ins for the outside world, as real servers on loopback."""
