# Words for the person at the terminal, and timed phases. Sourced; set `me` first.

# Tools of the administrator (dockerd, nft, ip) are not on every user's PATH.
PATH="$PATH:/usr/sbin:/sbin"

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
  red=$(printf '\033[31m') green=$(printf '\033[32m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else
  red='' green='' dim='' plain=''
fi
open_line=

say() { printf '%s: %s\n' "$me" "$*" >&2; }

die() {
  [ -z "$open_line" ] || printf '\n' >&2
  open_line=
  printf '%s%s: %s%s\n' "$red" "$me" "$*" "$plain" >&2
  exit 1
}

# Prints the comment block at the top of the script $1, which is its help.
usage() { sed -n -e '2,${' -e '/^#/!q' -e 's/^# \{0,1\}//' -e p -e '}' "$1"; }

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# seconds MILLISECONDS: prints them as seconds with one decimal.
seconds() { printf '%d.%d s' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# phase TEXT LOG COMMAND...: runs the command in a subshell with its output in the file LOG, and prints
# one line with the time it took. On failure prints the end of the log and ends the script.
# Not to be called in a condition: `set -e` would not hold inside the command.
phase() {
  phase_text=$1 phase_log=$2
  shift 2
  printf '%s: %s ' "$me" "$phase_text" >&2
  open_line=yes
  phase_start=$(now_ms)
  set +e
  (
    set -e
    "$@"
  ) >"$phase_log" 2>&1 </dev/null
  phase_status=$?
  set -e
  open_line=
  phase_took=$(seconds $(($(now_ms) - phase_start)))
  if [ "$phase_status" = 0 ]; then
    printf '%s%s%s\n' "$dim" "$phase_took" "$plain" >&2
  else
    printf '%sfailed%s after %s\n' "$red" "$plain" "$phase_took" >&2
    tail -n "${HOLDFAST_LOG_LINES:-30}" "$phase_log" | sed 's/^/  | /' >&2
    die "$phase_text: exit status $phase_status; the whole output is in $phase_log"
  fi
}
