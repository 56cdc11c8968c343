"""AI providers, what they cost, and what is told to them: the ports of `activities.ai` over real things."""
