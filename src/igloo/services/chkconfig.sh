#!/bin/sh
# chkconfig for hosts that lack it: NAME on|off makes or takes away the links by which a service starts at boot in run
# levels 2 to 5; --list [NAME] shows them.
set -eu

die() { echo "$*" >&2; exit 1; }

show() {
  line=$1
  for level in 0 1 2 3 4 5 6; do
    if [ -e "/etc/rc.d/rc$level.d/S98$1" ]; then line="$line	$level:on"; else line="$line	$level:off"; fi
  done
  echo "$line"
}

known() { [ -x "/etc/init.d/$1" ] || die "error reading information on service $1: No such file or directory"; }

if [ "${1:-}" = --list ]; then
  if [ -n "${2:-}" ]; then known "$2"; show "$2"; exit 0; fi
  for script in /etc/init.d/*; do [ ! -x "$script" ] || show "${script##*/}"; done
  exit 0
fi
[ $# = 2 ] || die 'usage: chkconfig NAME on|off, chkconfig --list [NAME]'
known "$1"
for level in 2 3 4 5; do
  folder=/etc/rc.d/rc$level.d
  mkdir -p "$folder"
  rm -f "$folder/S98$1" "$folder/K02$1"
  case $2 in
    on) ln -s "/etc/init.d/$1" "$folder/S98$1" ;;
    off) ln -s "/etc/init.d/$1" "$folder/K02$1" ;;
    *) die "chkconfig: $2 is neither on nor off" ;;
  esac
done
