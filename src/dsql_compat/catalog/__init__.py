"""The schema that a script builds up: its model, and the replay of statements into it."""
