"""`python -m dsql_compat` is `dsql-compat`."""

from dsql_compat.cli import main

if __name__ == "__main__":
    main()
