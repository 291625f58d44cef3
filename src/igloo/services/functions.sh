# What every init script of this folder does. A script sets prog (the service), program (as `ps` shows it), exec, args,
# user, pidfile, logfile and ports, and sources this file; caps names a capability that the user gets; `prepare` may be a function that runs before the program, and
# `living=1` tells of a program without ports and without our log that it has started as soon as it lives.
# Sourced with the script's own arguments: start, stop, restart, status, condrestart.

limit=60 # seconds that a program gets to start

running() { # sets pid; a pid file that outlived its process does not count, whoever has the number now
  pid=$(cat "$pidfile" 2>/dev/null) && [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$program"
}

listening() {
  for port in $ports; do
    [ -n "$(ss -Htln "sport = :$port")" ] || return 1
  done
}

# Started: its ports answer; of a program without ports its log says so. Told nothing for 15 seconds, living is enough.
started() {
  if [ -n "$ports" ]; then listening; return; fi
  [ -z "${living:-}" ] || { [ "$waited" -ge 3 ]; return; }
  tail -c "+$1" "$logfile" | grep -qF "$program has started" || [ "$waited" -ge 150 ]
}

result() {
  if [ "$1" = 0 ]; then echo '[  OK  ]'; else echo '[FAILED]'; fi
  return "$1"
}

start() {
  running && return 0
  printf 'Starting %s: ' "$prog"
  for file in "$pidfile" "$logfile"; do
    [ -d "${file%/*}" ] || install -d -o "$user" -g "$user" -m 0755 "${file%/*}"
  done
  [ -e "$logfile" ] || install -o "$user" -g "$user" -m 0640 /dev/null "$logfile"
  if command -v prepare >/dev/null && ! prepare >>"$logfile" 2>&1; then result 1; return; fi
  said=$(($(wc -c <"$logfile") + 1))
  cd /
  # A session of its own: the program outlives the shell that started it.
  setsid setpriv --reuid="$user" --regid="$user" --init-groups \
    ${caps:+--inh-caps="+$caps" --ambient-caps="+$caps"} -- "$exec" $args </dev/null >>"$logfile" 2>&1 &
  echo $! >"$pidfile"
  waited=0
  until started "$said"; do
    sleep 0.1
    waited=$((waited + 1))
    if ! kill -0 "$(cat "$pidfile")" 2>/dev/null || [ "$waited" -gt $((limit * 10)) ]; then
      result 1
      tail -c "+$said" "$logfile" | tail -n 3 >&2
      return 1
    fi
  done
  result 0
}

stop() {
  printf 'Stopping %s: ' "$prog"
  if ! running; then rm -f "$pidfile"; result 1; return; fi
  kill -TERM "$pid"
  waited=0
  while running; do
    sleep 0.1
    waited=$((waited + 1))
    [ "$waited" -le 150 ] || kill -KILL "$pid"
  done
  rm -f "$pidfile"
  result 0
}

status() {
  if running; then echo "$prog (pid  $pid) is running..."; return 0; fi
  if [ -e "$pidfile" ]; then echo "$prog dead but pid file exists"; return 1; fi
  echo "$prog is stopped"
  return 3
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status) status ;;
  restart | reload | force-reload) stop; start ;;
  condrestart | try-restart) if running; then stop; start; fi ;;
  *) echo "Usage: $0 {start|stop|status|restart|condrestart|try-restart|reload|force-reload}"; exit 2 ;;
esac
