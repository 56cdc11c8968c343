#!/bin/sh
# One backup of Fristwerk's database into a new folder, data and keys of leads apart (docs/operations/backup.md).
# Usage: DATABASE_URL=… backup.sh FOLDER. Keys older than KEEP_KEYS_DAYS (14) and data older than KEEP_DATA_DAYS (90)
# go once the new backup is whole; it is read before it counts.
set -eu
umask 077
into=$1
: "${DATABASE_URL:=$(cat "${DATABASE_URL_FILE:?or DATABASE_URL}")}" "${KEEP_KEYS_DAYS:=14}" "${KEEP_DATA_DAYS:=90}"
name=$(date -u +%Y-%m-%dT%H%M%SZ)
half=$into/.$name.part
trap 'rm -rf "$half"' EXIT
mkdir -p "$half"
# The data first: keys that are younger than the data are forgotten by the restore, missing ones would be lost.
pg_dump --format=custom --exclude-table-data=lead_key --exclude-table-data=mail_key --file="$half/data.dump" "$DATABASE_URL"
pg_dump --format=custom --data-only --table=lead_key --table=mail_key --file="$half/keys.dump" "$DATABASE_URL"
for file in data keys; do
  # Reads the whole file as a restore would.
  pg_restore --file=/dev/null "$half/$file.dump"
done
mv "$half" "$into/$name"
find "$into" -mindepth 2 -maxdepth 2 -name keys.dump -mtime "+$KEEP_KEYS_DAYS" -delete
find "$into" -mindepth 2 -maxdepth 2 -name data.dump -mtime "+$KEEP_DATA_DAYS" -delete
find "$into" -mindepth 1 -maxdepth 1 -type d -empty -delete
printf '%s\n' "$into/$name"
