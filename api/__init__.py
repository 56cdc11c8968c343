"""The HTTP API: who calls, what is asked, what is answered. What is done lies in `services`."""
