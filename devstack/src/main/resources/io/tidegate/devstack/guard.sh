# Keeps a server from outliving the JVM that started it. Standard input is a pipe from the JVM: when
# it closes, however the JVM ended, the server is asked to stop and, if it does not, killed.
# Prints the server's process id and ends when the server ends, with its status.
#   $1 the signal that asks the server to stop   $2 the tenths of a second it then has
#   $3 the server's log file                     $4 a file of process ids that are paused
#   the rest: the server's command
signal=$1 grace=$2 log=$3 paused=$4
shift 4
exec 3<&0 </dev/null
"$@" 3<&- >>"$log" 2>&1 &
server=$!
echo "$server"
exec >/dev/null 2>&1
(
  read -r closed <&3
  [ -f "$paused" ] && kill -CONT $(cat "$paused")
  kill -"$signal" "$server"
  while [ "$grace" -gt 0 ] && kill -0 "$server"; do
    sleep 0.1
    grace=$((grace - 1))
  done
  kill -KILL "$server"
) &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher"
exit "$status"
