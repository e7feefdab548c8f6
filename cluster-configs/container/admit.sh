#!/usr/bin/env bash
# Founds a cluster where there is none and admits the nodes that are named, once each. For trials on
# one machine: elsewhere a person compares fingerprints, and the authority's key is kept offline.
#
#   admit.sh AUTHORITY-DIR REQUESTS-DIR INVITATIONS-DIR NAME...
set -euo pipefail

authority=$1 requests=$2 invitations=$3
shift 3
launcher=$(dirname "${BASH_SOURCE[0]}")/../../bin/starling

[[ -e $authority/authority-key.pem ]] || "$launcher" cluster init "$authority"
for name in "$@"; do
  [[ ! -e $invitations/$name.pem ]] || continue
  until [[ -e $requests/$name.pem ]]; do sleep 1; done
  "$launcher" member invite "$authority" "$requests/$name.pem" -o "$invitations/.$name"
  chmod 0644 "$invitations/.$name"
  mv "$invitations/.$name" "$invitations/$name.pem"
done
