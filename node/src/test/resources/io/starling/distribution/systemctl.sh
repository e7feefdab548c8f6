#!/usr/bin/env bash
# Stands in for systemd on the hosts of a test: runs what the unit says, as its user, without new
# privileges or capabilities, in its directories, with its limits, the rest of the system read-only.
# No more of its sandbox is made.
set -euo pipefail

# What the unit says, and what an operator has set beside it.
setting() { { cat "$unit" "$unit.d"/*.conf 2>/dev/null || true; } | sed -n "s/^$1=//p"; }
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
  local writable="/var/lib/$(setting StateDirectory) /var/cache/$(setting CacheDirectory)"
  # shellcheck disable=SC2046
  WRITABLE="$writable $(setting ReadWritePaths | tr '\n' ' ')" \
    setsid unshare --mount bash -euo pipefail -c "$sandbox" bash "${as_user[@]}" $(setting ExecStart) \
    >>"$journal" 2>&1 </dev/null &
  echo $! >"$pid_file"
}

# Runs a command by which the system is read-only but for $WRITABLE.
# shellcheck disable=SC2016
sandbox='
  findmnt -rno TARGET | grep -Ev "^/(proc|dev|sys)(/|$)" | sort -u | while read -r path; do
    mount -o remount,bind,ro "$path"
  done
  for path in $WRITABLE; do
    # What begins so may be missing.
    [[ $path != -* || -e ${path#-} ]] || continue
    path=${path#-}
    mount --bind "$path" "$path"
    mount -o remount,bind,rw "$path"
  done
  mount -t tmpfs -o mode=1777 private-tmp /tmp
  exec "$@"'

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
disable | stop) stop ;;
restart) stop && start ;;
*)
  echo "systemctl: $verb is not known in tests" >&2
  exit 1
  ;;
esac
