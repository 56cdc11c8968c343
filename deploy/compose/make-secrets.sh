#!/bin/sh
# Makes the secrets that nobody has to choose; what is there stays as it is. Usage: make-secrets.sh [FOLDER]
# You write three yourself: oidc_client_secret, smtp_url and, with a relay, relay_password.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
cd "$folder"

secret() { # NAME: a password without signs that mean something in a URL
  [ -s "$1" ] || { od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$1"; }
}

url() { # ROLE LOGIN: the address that the password of this login opens
  [ -s "$1_database_url" ] ||
    printf 'postgresql://%s:%s@postgres:5432/fristwerk' "$2" "$(cat "$3")" >"$1_database_url"
}

for name in postgres_password temporal_database_password app_database_password worker_database_password \
  public_database_password grafana_password; do
  secret "$name"
done
url migrate postgres postgres_password
for role in app worker public; do
  url "$role" "fristwerk_${role}_login" "${role}_database_password"
done

# As `fristwerk keys generate` makes them. Keep a copy apart from every backup of the database.
[ -s master_keys ] || for line in key index; do
  printf '%s %s\n' "$line" "$(head -c 32 /dev/urandom | base64)"
done >master_keys

# Compose shows each file to its containers with the rights it has here; accounts in containers are not ours. The
# folder lets nobody else of this host in.
chmod 700 .
chmod 444 ./*

for name in oidc_client_secret smtp_url; do
  [ -s "$name" ] || echo "still to write: $folder/$name" >&2
done
