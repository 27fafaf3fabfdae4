# What a sandbox could leave behind on this machine. Sourced.

# sandbox_traces: prints every process, mount, container, network and cgroup of a sandbox of Holdfast,
# one per line; nothing where there is none.
sandbox_traces() {
  for cmdline in /proc/[0-9]*/cmdline; do
    { tr '\0' ' ' <"$cmdline"; } 2>/dev/null | grep -E '^([^ ]*bwrap .*/opt/holdfast|/opt/holdfast/java/bin/java )' | cut -c 1-100 | sed 's/^/process /' || true
  done
  awk '$5 ~ /\/opt\/holdfast|\/holdfast.*\/workspace/ { print "mount " $5 }' /proc/self/mountinfo
  find /sys/fs/cgroup -type d -path '*holdfast/*' 2>/dev/null | sed 's/^/cgroup /'
  if engine_answers 2; then
    engine '/containers/json?all=true&filters=%7B%22label%22%3A%5B%22dev.holdfast.attempt%22%5D%7D' |
      grep -o '"Id":"[0-9a-f]*"' | sed 's/^/container /' || true
    engine '/networks?filters=%7B%22label%22%3A%5B%22dev.holdfast.attempt%22%5D%7D' |
      grep -o '"Id":"[0-9a-f]*"' | sed 's/^/network /' || true
  fi
}
