"""AI calls: which model is asked, what it may cost, and what becomes of its answer (domain.md section 9)."""
