"""A running database as a source: its catalog, read and written down as the statements of a dump.

Nothing here imports the driver before a database is named.
"""
