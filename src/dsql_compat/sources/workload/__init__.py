"""What an application sends: from the server's own statistics, from logs, from files of SQL."""
