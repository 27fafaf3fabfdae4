# dist/aot: start-up caches of the server, the agent and the command line. Sourced by script/build.
# Each is trained by real use through the launcher itself, so that the flags are those of real use.

# record KIND DIST ARGUMENTS...: runs holdfast and notes which classes it used.
record() {
  kind=$1 dist=$2
  shift 2
  HOLDFAST_JAVA_OPTS=$(recording "$kind") "$dist/bin/holdfast" "$@"
}

# recording KIND: the flags of Java that have it note which classes it used.
recording() { echo "-XX:AOTMode=record -XX:AOTConfiguration=$work/$1.conf"; }

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

# rehearse_life DIST: a whole life of a server and an agent, noting which classes both used: they
# start, a push makes a run, its log is read, short commands are used, and both are told to stop.
rehearse_life() {
  dist=$1
  life=$work/rehearsal
  rm -rf "$life"
  mkdir -p "$life/app/.holdfast"
  trap 'end_rehearsal' EXIT
  git init -q --bare -b main "$life/app.git"
  git init -q -b main "$life/app"
  printf 'on: push\njobs:\n  one:\n    steps: [{name: say, run: echo hello}]\n  two:\n    needs: one\n    steps: [{name: say, run: echo again}]\n' \
    >"$life/app/.holdfast/ci.yaml"
  HOLDFAST_DATA=$life/server
  export HOLDFAST_DATA
  # Not by `record`: in the background that is a shell of its own, and a signal to it stops nothing.
  HOLDFAST_JAVA_OPTS=$(recording server) "$dist/bin/holdfast" server --data "$life/server" \
    --listen 127.0.0.1:0 >"$life/server.log" 2>&1 9>&- &
  server=$!
  await_ready "$life/server.log" "$server"
  "$dist/bin/holdfast" agent token create rehearsal --json | sed 's/.*"token": *"\([^"]*\)".*/\1/' >"$life/token"
  url=$(sed 's/.*"url": *"\([^"]*\)".*/\1/' "$life/server/server.json")
  HOLDFAST_JAVA_OPTS=$(recording agent) "$dist/bin/holdfast" agent --server "$url" \
    --token-file "$life/token" --name rehearsal --data "$life/agent" --backend namespaces \
    >"$life/agent.log" 2>&1 9>&- &
  agent=$!
  await_ready "$life/agent.log" "$agent"
  "$dist/bin/holdfast" repo add "$life/app.git"
  for push in 1 2 3; do
    git -C "$life/app" add -A
    git -C "$life/app" -c user.name=rehearsal -c user.email=rehearsal@localhost \
      commit -q --allow-empty -m "push $push"
    git -C "$life/app" push -q "$life/app.git" main
    "$dist/bin/holdfast" logs -f --commit "$(git -C "$life/app" rev-parse HEAD)"
  done
  (cd "$life/app" && record cli "$dist" rehearse --help , version , runs , runs --json --limit 1 , \
    show last , logs last , logs -f last , events app , repo list , agent list , preview push , \
    run --backend namespaces)
  kill "$agent" && wait "$agent"
  kill "$server" && wait "$server"
  trap - EXIT
  rm -rf "$life"
}

end_rehearsal() {
  kill ${agent:-} ${server:-} 2>/dev/null || true
  tail -n 5 "$life"/*.log
}

# await_ready LOG PID: until the process said that it is ready; at most half a minute.
await_ready() {
  deadline=$(($(now_ms) + 30000))
  until grep -q -E -i 'ready|registered' "$1"; do
    kill -0 "$2" 2>/dev/null || { cat "$1" && return 1; }
    [ "$(now_ms)" -lt "$deadline" ] || { echo "not ready after 30 s" && return 1; }
    sleep 0.05
  done
}

train_life() {
  rehearse_life "$1"
  create server "$1" server --help
  create agent "$1" agent --help
  create cli "$1" --help
  prove cli "$1" --help
}

# make_caches DIST
make_caches() {
  [ -z "${HOLDFAST_NO_AOT:-}" ] || return 0
  phase "training the start-up caches of server, agent and command line" "$work/life-aot.log" train_life "$1"
}
