"""One module an area of pages; each has a `router`, listed in `api/pages/areas.py`."""
