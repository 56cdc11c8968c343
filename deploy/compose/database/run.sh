#!/bin/sh
# Runs a file of statements as the superuser; every one of them may run again. Usage: run.sh FILE
set -eu
: "${SECRETS:=/run/secrets}"
export SECRETS
PGPASSWORD=$(cat "$SECRETS/postgres_password")
export PGPASSWORD
exec psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --file="$1"
