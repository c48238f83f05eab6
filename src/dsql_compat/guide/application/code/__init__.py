"""Code for an application whose database moved to Aurora DSQL; it needs psycopg 3 and no more."""
