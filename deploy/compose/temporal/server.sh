#!/bin/sh
# The image reads the database's password from the environment of the server alone.
set -eu
POSTGRES_PWD=$(cat "${SECRETS:-/run/secrets}/temporal_database_password")
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
