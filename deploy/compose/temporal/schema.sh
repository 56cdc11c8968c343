#!/bin/sh
# Brings both databases of the Temporal server to the schema of this version; again, it does what is missing.
set -eu
SQL_PASSWORD=$(cat "${SECRETS:-/run/secrets}/temporal_database_password")
export SQL_PASSWORD
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  tool="temporal-sql-tool --plugin $SQL_PLUGIN --endpoint $SQL_HOST --port $SQL_PORT --user $SQL_USER --database $database"
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
done
