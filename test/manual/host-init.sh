#!/bin/bash
# The first process of a private host: its own network, processes, host name and files. Everything that the host writes
# lies in FOLDER; of the machine it sees the files as they were, and of its devices the harmless ones.
# host-init.sh FOLDER HOSTNAME CHECKOUT NODE
set -e
folder=$1 name=$2 checkout=$3 node=$4
hostname "$name"

mkdir -p "$folder"/{upper,work,root}
overlay() { mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"; }
# Where the folder itself lies on an overlay (in a container), memory has to do.
overlay 2>/dev/null || { mount -t tmpfs tmpfs "$folder"; mkdir "$folder"/{upper,work,root}; overlay; }

cd "$folder/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=700 tmpfs root
mkdir -p "./$checkout" usr/local/bin run/{netns,lock,old}
mount --bind "$checkout" "./$checkout"
touch usr/local/bin/node
mount --bind "$node" usr/local/bin/node

devices=$(mktemp -d) # not /dev itself: a device that is made in the machine's would be everybody's
mount -t tmpfs -o mode=755 tmpfs "$devices"
mkdir "$devices"/{net,pts,shm}
for device in null zero full random urandom tty net/tun loop-control fuse; do
  [ ! -e "/dev/$device" ] || { touch "$devices/$device"; mount --bind "/dev/$device" "$devices/$device"; }
done
for number in {0..63}; do mknod -m 660 "$devices/loop$number" b 7 "$number"; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$devices/pts"
mount -t tmpfs tmpfs "$devices/shm"
ln -s pts/ptmx "$devices/ptmx"
ln -s /proc/self/fd "$devices/fd"
mount --move "$devices" dev

pivot_root . run/old
cd /
umount -l /run/old
ip link set lo up

echo ready
exec >/dev/null 2>&1
while :; do sleep 1000 & wait $! || :; done # bash reaps what daemons leave
