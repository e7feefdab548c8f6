#!/usr/bin/env bash
# A node in a container: makes its keys in its volume, waits to be admitted, runs.
#
#   node.sh enrol   makes a join request and waits for the invitation; done at once when a member
#   node.sh run     enrols, then becomes the node
#
# NODE_NAME, NODE_SITE      what the node is called, where it stands
# NODE_ADDRESSES            names by which others reach it, separated by spaces
# NODE_PEERS                HOST:PORT of all nodes, separated by spaces; its own are left out
# NODE_FIRST                the name of the node that gets the first administrator's token
# NODE_DIRECTORY            its volume (/var/lib/starling)
# NODE_REQUESTS             where to put NAME.pem, the join request, for whoever admits; optional
# NODE_INVITATIONS          where NAME.pem, the invitation, will appear (/etc/starling/invitations)
set -euo pipefail

directory=${NODE_DIRECTORY:-/var/lib/starling}
invitation=${NODE_INVITATIONS:-/etc/starling/invitations}/$NODE_NAME.pem
launcher=$(dirname "${BASH_SOURCE[0]}")/../../bin/starling

enrol() {
  [[ ! -e $directory/identity/invitation.pem ]] || return 0
  local address addresses=() request=$directory/identity/join-request.pem
  for address in $NODE_ADDRESSES; do addresses+=(--address "$address"); done
  [[ -e $request ]] ||
    "$launcher" member join "$directory" --name "$NODE_NAME" --site "${NODE_SITE:-default}" "${addresses[@]}"
  if [[ -n ${NODE_REQUESTS:-} ]]; then
    # Whole or not at all, for whoever looks there.
    cp "$request" "$NODE_REQUESTS/.$NODE_NAME"
    mv "$NODE_REQUESTS/.$NODE_NAME" "$NODE_REQUESTS/$NODE_NAME.pem"
  fi
  [[ -e $invitation ]] || echo "waits for $invitation, the answer to $request"
  until [[ -e $invitation ]]; do sleep 1; done
  local first=()
  [[ ${NODE_FIRST:-} != "$NODE_NAME" ]] || first=(--admin)
  "$launcher" member join "$directory" --invitation "$invitation" ${first[@]+"${first[@]}"}
}

run() {
  local peer own peers=
  for peer in ${NODE_PEERS:-}; do
    for own in $NODE_ADDRESSES; do
      [[ ${peer%:*} != "$own" ]] || continue 2
    done
    peers+=${peers:+,}$peer
  done
  [[ -z $peers ]] || export STARLING_PEERS=$peers
  exec "$launcher" node run --config "${NODE_CONFIG:-/etc/starling/node.yaml}"
}

case ${1:-} in
enrol) enrol ;;
run) enrol && run ;;
*)
  echo "usage: node.sh enrol | run" >&2
  exit 2
  ;;
esac
