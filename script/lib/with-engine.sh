# Gives the script that sources it a container engine with the demo images, and ends it when the
# script ends, however it ends. Wants say.sh, cache.sh and engine-api.sh.

engine_dir=

end_engine() {
  script_status=$?
  trap - EXIT
  if [ -n "$engine_dir" ]; then
    "$here/engine" stop "$engine_dir" || say "the private engine did not stop cleanly; see $engine_dir"
  fi
  exit "$script_status"
}

# Exports DOCKER_HOST: the engine that it names already, or a private one.
with_engine() {
  trap end_engine EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ -n "${DOCKER_HOST:-}" ]; then
    engine_answers || die "DOCKER_HOST is set, but no engine answers at $DOCKER_HOST; unset it to have one started"
    say "using the engine at $DOCKER_HOST"
  else
    # One per work tree, so that two can be at work at once.
    private=$cache/engine/$(printf %s "$root" | sha256sum | cut -c 1-8)
    mkdir -p "${private%/*}"
    exec 8>"$private.lock"
    flock -n 8 || { say "waiting for another script of this folder to let its engine go" && flock 8; }
    engine_dir=$private
    said=$("$here/engine" start "$private" 8>&-)
    DOCKER_HOST=${said#DOCKER_HOST=}
    say "started a private container engine at $DOCKER_HOST"
  fi
  export DOCKER_HOST
  "$here/image" import 8>&-
}
