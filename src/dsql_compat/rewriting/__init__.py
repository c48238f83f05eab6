"""A source's schema as Aurora DSQL takes it: what each object becomes, in an order that runs.

    catalog ──> objects, one by one ──> items ──> order ──> files

`build.py` is the flow; `model.py` holds the values.
"""
