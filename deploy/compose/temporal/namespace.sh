#!/bin/sh
# Makes our namespace where it is missing. How long closed workflows can be looked at is its retention; what lives is
# kept as long as it lives.
set -eu
describe="temporal operator namespace describe --address $TEMPORAL_ADDRESS --namespace $NAMESPACE"
tries=0
until temporal operator cluster health --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2; exit 1; }
  sleep 2
done
$describe >/dev/null 2>&1 ||
  temporal operator namespace create --address "$TEMPORAL_ADDRESS" --namespace "$NAMESPACE" --retention "$RETENTION"
# A new namespace is known to every part of the server only after a moment.
until $describe >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 90 ] || { echo "the namespace $NAMESPACE does not appear" >&2; exit 1; }
  sleep 2
done
