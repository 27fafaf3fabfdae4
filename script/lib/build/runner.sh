# dist/runner: what every sandbox sees, read-only, as /opt/holdfast. Sourced by script/build.

runner_main=dev.holdfast.runner.Main
# Nothing in a sandbox can have the runner dump its memory or load a library into it.
# Exactly the flags of real use: a start-up cache serves no others. The agent starts the runner with these.
runner_flags='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m -XX:+DisableAttachMechanism'
# Nothing else may enter a sandbox.
runner_jars='holdfast-sdk holdfast-model jackson-core jspecify'

# make_runner_jar OUT
make_runner_jar() {
  set -- "$1" "$root"/runner/target/holdfast-runner-*.jar "$root"/runner/target/dependency/*.jar
  for jar in "$@"; do
    case " holdfast-runner runner $runner_jars " in
      *" $(basename "$jar" | sed 's/\(-[0-9][^/]*\)*\.jar$//') "*) ;;
      *) echo "$jar: a new dependency of the runner would enter every sandbox; if it should, add it to runner_jars in script/lib/build/runner.sh" && return 1 ;;
    esac
  done
  out=$1
  shift
  "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$here/build/FatJar.java" "$out" "$runner_main" "$@"
  stamp_time "$out"
}

# A start-up cache is bound to its jar by time and size alone. So the time says what is inside:
# a jar with another content never passes for this one.
stamp_time() {
  content=$(sha256sum "$1" | cut -c 1-7)
  touch -d "@$((1700000000 + 0x$content / 4))" "$1"
}

# in_sandbox RUNNER-DIR OUT-DIR JVM-ARGUMENTS...: the runner's Java in a sandbox like a job's.
in_sandbox() {
  runner_dir=$1 out_dir=$2
  shift 2
  # shellcheck disable=SC2046,SC2086
  bwrap --unshare-all --die-with-parent --new-session --clearenv --setenv PATH /usr/bin:/bin \
    $(for place in /usr /bin /sbin /lib /lib64; do
      if [ -L "$place" ]; then echo --symlink "$(readlink "$place")" "$place"; elif [ -d "$place" ]; then echo --ro-bind "$place" "$place"; fi
    done) \
    --proc /proc --dev /dev --tmpfs /tmp --ro-bind "$runner_dir" /opt/holdfast --bind "$out_dir" /out --chdir /tmp \
    --cap-drop ALL "$runner_home/bin/java" $runner_flags "$@"
}

# train_runner RUNNER-DIR: a whole job, rehearsed twice: once to learn from, once to prove the cache.
train_runner() {
  out=$work/training
  rm -rf "$out"
  mkdir "$out"
  app="-cp /opt/holdfast/runner.jar $runner_main rehearse"
  # shellcheck disable=SC2086
  {
    in_sandbox "$1" "$out" -XX:AOTMode=record -XX:AOTConfiguration=/out/runner.conf $app
    in_sandbox "$1" "$out" -XX:AOTMode=create -XX:AOTConfiguration=/out/runner.conf -XX:AOTCache=/out/runner.aot \
      -cp /opt/holdfast/runner.jar
    cp "$out/runner.aot" "$1/runner.aot"
    # With AOTMode=on Java refuses to start without the cache, where it would otherwise just be slow.
    in_sandbox "$1" "$out" -XX:AOTMode=on -XX:AOTCache=/opt/holdfast/runner.aot \
      -Xlog:class+load:file=/out/classes.log $app
  }
  grep -q "^.*$runner_main source: shared objects file" "$out/classes.log" ||
    { echo "the cache was loaded, but $runner_main did not come from it" && return 1; }
  rm -r "$out"
}

# Names what runs inside the sandboxes; compiled code steps are kept under it.
write_runner_version() {
  {
    sha256sum <"$1/runner.jar"
    java_images_key
    echo "$runner_flags"
  } | sha256sum | cut -c 1-64 >"$1/VERSION"
}

# A program that its user cannot read is a process that no other of that user can read: not its memory, its
# environment or its open files, and it leaves no core. So what runs steps is safe from them, though both are one user.
seal_runner() {
  # For plain processes without a wall, which a loader starts: it has to read it.
  cp "$1/java/bin/java" "$1/java/bin/java-by-loader"
  chmod 0111 "$1/java/bin/java"
}

make_runner() {
  cached runner make_runner_java "$1/java"
  phase "packing runner.jar" "$work/runner-jar.log" make_runner_jar "$1/runner.jar"
  write_runner_version "$1"
  if [ -n "${HOLDFAST_NO_AOT:-}" ]; then
    say "no start-up cache for the runner, as HOLDFAST_NO_AOT says: every job starts about 0.3 s later"
    seal_runner "$1"
    return 0
  fi
  [ -e "$root/runner/target/classes/dev/holdfast/runner/Main.class" ] ||
    die "the runner has no $runner_main to rehearse; HOLDFAST_NO_AOT=1 builds without its start-up cache"
  bwrap --ro-bind / / --unshare-all true 2>"$work/bwrap.log" ||
    die "no sandbox to train the runner's start-up cache in: $(head -n 1 "$work/bwrap.log"); HOLDFAST_NO_AOT=1 builds without it"
  seal_runner "$1"
  phase "training the runner's start-up cache" "$work/runner-aot.log" train_runner "$1"
}
