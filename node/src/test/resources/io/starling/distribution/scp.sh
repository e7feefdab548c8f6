#!/usr/bin/env bash
# Stands in for scp between the hosts of a test: HOST:PATH is that host's /etc/starling or
# /var/lib/starling.
set -euo pipefail
local_path() {
  case $1 in
  *:/etc/starling/* | *:/var/lib/starling/*) echo "/exchange/${1%%.*}${1#*:}" ;;
  *:*) echo "scp: $1 is not carried in tests" >&2 && exit 1 ;;
  *) echo "$1" ;;
  esac
}
[[ $# -eq 2 ]]
from=$(local_path "$1")
to=$(local_path "$2")
cp "$from" "$to"
