#!/usr/bin/env bash
# Stands in for systemd on the hosts of a test: runs what the unit says, as its user, without new
# privileges or capabilities, in its directories, with its limits. Its sandbox is not made.
set -euo pipefail

setting() { sed -n "s/^$1=//p" "$unit"; }
running() { [[ -r $pid_file ]] && kill -0 "$(<"$pid_file")" 2>/dev/null; }

start() {
  running && return
  local user group folder command
  user=$(setting User)
  group=$(setting Group)
  for folder in "lib/$(setting StateDirectory)" "cache/$(setting CacheDirectory)"; do
    install -d -o "$user" -g "$group" "/var/$folder"
  done
  chmod "$(setting StateDirectoryMode)" "/var/lib/$(setting StateDirectory)"
  local as_user=(setpriv "--reuid=$user" "--regid=$group" --init-groups --no-new-privs
    --bounding-set=-all --inh-caps=-all env "CACHE_DIRECTORY=/var/cache/$(setting CacheDirectory)")
  folder=$(setting EnvironmentFile)
  if [[ -r ${folder#-} ]]; then
    mapfile -t -O "${#as_user[@]}" as_user < <(grep -v '^#' "${folder#-}")
  fi
  umask "$(setting UMask)"
  # As far as this machine lets its root go.
  ulimit -n "$(setting LimitNOFILE)" 2>/dev/null || true
  cd /
  while read -r command; do
    # shellcheck disable=SC2086
    "${as_user[@]}" ${command#-} >>"$journal" 2>&1 </dev/null || [[ $command == -* ]]
  done < <(setting ExecStartPre)
  # shellcheck disable=SC2046
  setsid "${as_user[@]}" $(setting ExecStart) >>"$journal" 2>&1 </dev/null &
  echo $! >"$pid_file"
}

stop() {
  running || return 0
  kill -TERM "$(<"$pid_file")"
  local waited=0
  while running; do
    ((waited++ < 10 * $(setting TimeoutStopSec))) || {
      echo "systemctl: the node did not stop in time" >&2
      exit 1
    }
    sleep 0.1
  done
  rm -f "$pid_file"
}

verb=$1
shift
[[ ${1:-} != --now ]] || shift
name=${1:-starling}
unit=/etc/systemd/system/$name.service
pid_file=/run/$name.pid
journal=/var/log/$name.journal
case $verb in
daemon-reload) [[ -r $unit ]] ;;
enable | start) start ;;
stop) stop ;;
restart) stop && start ;;
*)
  echo "systemctl: $verb is not known in tests" >&2
  exit 1
  ;;
esac
