"""The CI gate: a repository's settings, what it knows already, and what is new.

`settings` reads the configuration, `layouts` puts files in order, `run` judges them, `state` keeps
what holds for the schema that results, `baseline` remembers; nothing here prints.
"""
