"""The routes: one module per noun, each with its `router`; `api/app.py` lists them."""
