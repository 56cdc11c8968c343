#!/bin/sh
# Restores a backup into an empty database whose roles exist, with today's keys (docs/operations/backup.md).
# Usage: DATABASE_URL=postgresql://…/new restore.sh DATA.dump KEYS.dump
set -eu
data=$1 keys=$2
forget=${FORGET:-$(dirname "$0")/../../sql/restore/forget.sql}
: "${DATABASE_URL:=$(cat "${DATABASE_URL_FILE:?or DATABASE_URL}")}"
there=$(psql --no-psqlrc --quiet --tuples-only --no-align --dbname="$DATABASE_URL" \
  --command="select count(*) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace")
[ "$there" -eq 0 ] || { echo "the database is not empty; restore into a new one" >&2; exit 1; }
pg_restore --exit-on-error --section=pre-data --dbname="$DATABASE_URL" "$data"
pg_restore --exit-on-error --section=data --disable-triggers --dbname="$DATABASE_URL" "$data"
pg_restore --exit-on-error --section=data --dbname="$DATABASE_URL" "$keys"
# Empties what was erased since the backup.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$DATABASE_URL" --file="$forget"
pg_restore --exit-on-error --section=post-data --dbname="$DATABASE_URL" "$data"
