"""What Fristwerk costs, each time beside something bare on the same server in the same run."""
