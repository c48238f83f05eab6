"""The report: its model, how it is put together, and a module for each format."""
