# dist/aot: start-up caches of the server, the agent and the command line. Sourced by script/build.
# Each is trained by real use through the launcher itself, so that the flags are those of real use.

# record KIND DIST ARGUMENTS...: runs holdfast and notes which classes it used.
record() {
  kind=$1 dist=$2
  shift 2
  HOLDFAST_JAVA_OPTS="-XX:AOTMode=record -XX:AOTConfiguration=$work/$kind.conf" "$dist/bin/holdfast" "$@"
}

# create KIND DIST ARGUMENTS...: makes the cache from what was recorded; the arguments choose the flags.
create() {
  kind=$1 dist=$2
  shift 2
  mkdir -p "$dist/aot"
  HOLDFAST_JAVA_OPTS="-XX:AOTMode=create -XX:AOTConfiguration=$work/$kind.conf -XX:AOTCache=$work/$kind.aot" \
    "$dist/bin/holdfast" "$@"
  mv "$work/$kind.aot" "$dist/aot/$kind.aot"
}

# prove KIND DIST ARGUMENTS...: runs holdfast in a way that fails where the cache does not serve.
prove() {
  dist=$2
  shift 2
  HOLDFAST_JAVA_OPTS="-XX:AOTMode=on" "$dist/bin/holdfast" "$@"
}

train_cli() {
  record cli "$1" --help
  create cli "$1" --help
  prove cli "$1" --help
}

# make_caches DIST
make_caches() {
  [ -z "${HOLDFAST_NO_AOT:-}" ] || return 0
  phase "training the command line's start-up cache" "$work/cli-aot.log" train_cli "$1"
}
