#!/bin/sh
# Runs the statements of a folder with psql, one transaction each, and waits for the jobs they start.
#   sh apply.sh schema            everything in schema/ (or schema.sql)
#   sh apply.sh load              the rows, where they were written
#   sh apply.sh after-load 042    from after-load/042… on
# The connection comes from psql's own variables: PGHOST, PGUSER, PGPASSWORD, PGDATABASE.
set -eu
export PGCLIENTENCODING=UTF8
cd "$(dirname "$0")"
phase=${1:?"which: schema, load or after-load"}
from=${2:-}
run() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }

if [ -f "$phase.sql" ]; then
    jobs=$(run --file "$phase.sql")
    for job in $jobs; do
        [ "$(run --command "CALL sys.wait_for_job('$job')")" = t ] || { echo "job $job failed: see sys.jobs" >&2; exit 1; }
    done
    exit
fi
for file in "$phase"/*.sql; do
    name=${file##*/}
    if [ -n "$from" ]; then
        case $name in "$from"*) from= ;; *) continue ;; esac
    fi
    echo "$file"
    job=$(run --file "$file") || { echo "$file: stopped here; go on with: sh apply.sh $phase ${name%.sql}" >&2; exit 1; }
    if [ -n "$job" ]; then
        [ "$(run --command "CALL sys.wait_for_job('$job')")" = t ] || { echo "$file: job $job failed: see sys.jobs" >&2; exit 1; }
    fi
done
