"""The migration guide: what a team works from, about its own schema.

build.py puts it together, a module a chapter; html.py makes one page of the same Markdown.
"""
