#!/usr/bin/env bash
# A host for tests: a network, a hostname, processes and a file system of its own, which is this
# machine's with whatever is written kept in memory. Ends, with all it runs, when its input does.
#
# host.sh NAME WORK SHARED ARCHIVE STAND-INS
set -euo pipefail
name=$1 work=$2 shared=$3 archive=$4 standins=$5

mount --make-rprivate /
mkdir -p "$work"
mount -t tmpfs -o size=1g,mode=0755 starling "$work"
mkdir "$work/upper" "$work/scratch" "$work/root"
root=$work/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/scratch" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# What scp carries between hosts is seen from both, a disk for backups from all. The cache of
# classes is one for all, as on hosts made from one image: who comes second finds it made.
for folder in "$name/etc/starling" "$name/var/lib/starling" "opt/starling-${archive##*/starling-}"; do
  folder=${folder%.tar.gz}
  [[ $folder != opt/* ]] || folder+=/cache
  mkdir -p "$shared/$folder" "$root/${folder#"$name/"}"
  mount --bind "$shared/$folder" "$root/${folder#"$name/"}"
done
mkdir -p "$shared/backups" "$root/mnt/backups" "$root/exchange"
mkdir -p "$root/srv" "$root/usr/local/bin" "$root/usr/local/sbin"
mount --bind "$shared" "$root/exchange"
mount --bind "$shared/backups" "$root/mnt/backups"
: >"$root/srv/${archive##*/}"
mount --bind "$archive" "$root/srv/${archive##*/}"
install -m 0755 "$standins/scp.sh" "$root/usr/local/bin/scp"
install -m 0755 "$standins/systemctl.sh" "$root/usr/local/sbin/systemctl"
echo "127.0.0.1 localhost" >"$root/etc/hosts"
hostname "$name"
ip link set lo up
# The first process of a process namespace has to bury the dead: bash does while it reads.
exec chroot "$root" bash -c 'echo ready; while read -r _; do :; done'
