# What the sandboxes of one agent could leave behind on this machine. Sourced.

# sandbox_traces DATA: prints every process, mount, folder, container and network of a sandbox that the
# agent with this data folder made, one per line; nothing where there is none.
sandbox_traces() {
  # Whatever runs in a sandbox sees its workspace, which is a mount from the agent's folder.
  grep -l -F " $1/job/" /proc/[0-9]*/mountinfo 2>/dev/null |
    sed 's|^/proc/\([0-9]*\)/.*|process \1|' || true
  awk -v job="$1/job/" 'index($5, job) == 1 { print "mount " $5 }' /proc/self/mountinfo
  for left in "$1"/job/*; do [ ! -e "$left" ] || echo "folder $left"; done
  if engine_answers 2; then
    for kind in containers networks; do
      [ $kind = containers ] && at='/containers/json?all=true&' || at='/networks?'
      engine "${at}filters=%7B%22label%22%3A%5B%22dev.holdfast.attempt%22%5D%7D" |
        grep -o '"Id":"[0-9a-f]*"' | sed "s/^/$kind /" || true
    done
  fi
}
