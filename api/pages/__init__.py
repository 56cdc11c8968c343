"""The pages people use: server-rendered, without a foreign host, for every act without JavaScript too.

What answers under which address is listed in `api/pages/areas.py`.
"""
