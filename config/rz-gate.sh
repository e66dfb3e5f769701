#!/bin/sh
# A gate for deploys: runs the checks, and then COMMAND, if the system may run as usual:
#   rz-gate.sh COMMAND [ARGUMENT…]
# Where it is degraded (heuristic, safe), or rz could not tell, COMMAND is not run, and the exit code is
# 1, 2 or 3. Otherwise it is that of COMMAND.
set -u
[ $# -gt 0 ] || { echo "usage: rz-gate.sh COMMAND [ARGUMENT…]" >&2; exit 3; }
answer=$(rz cascade --exit-code)
code=$?
if [ "$code" -ne 0 ]; then
  echo "rz-gate: $1 is not run: ${answer:-rz could not tell the mode}" >&2
  exit "$code"
fi
exec "$@"
