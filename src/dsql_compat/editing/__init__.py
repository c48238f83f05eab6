"""Rewrites files where they stand: statement by statement, every other byte as it was.

`rewriting` makes a schema anew from the catalog; this edits the text that people wrote, for
migrations that are kept under version control.  What it needs beyond the findings is here: where
statements stand (documents), what a finding's rewrite changes of them (proposals), transactions
that have to be split (blocks), and the markers of migration tools (markers).
"""
