# dist/bin/holdfast and dist/lib. Sourced by script/build.

# Java's flags by kind of process. Sizes are measured: see docs/building.md.
cli_flags='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms8m -Xmx256m'
agent_flags='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms16m -Xmn6m -Xmx48m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 -XX:TrimNativeHeapInterval=5000 -XX:ReservedCodeCacheSize=24m -Djdk.nio.maxCachedBufferSize=262144'
server_flags='-XX:+UseSerialGC -Xms32m -Xmn20m -Xmx160m -XX:ReservedCodeCacheSize=48m -Djdk.nio.maxCachedBufferSize=262144'
# Two bodies of the largest size under way, with what sealing them takes.
relay_flags='-XX:+UseSerialGC -Xms32m -Xmx384m -XX:MaxDirectMemorySize=32m -XX:ReservedCodeCacheSize=48m -Djdk.nio.maxCachedBufferSize=262144'
dev_flags='-XX:+UseSerialGC -Xms16m -Xmx256m -XX:ReservedCodeCacheSize=64m'

make_lib() {
  mkdir -p "$1/lib"
  cp -p "$root"/cli/target/holdfast-cli-*.jar "$root"/cli/target/dependency/*.jar "$1/lib/"
  # Built for Java 5, whose classes no start-up cache takes; a quarter of a second at every command.
  for jar in "$1"/lib/picocli-*.jar; do
    "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$here/build/ModernJar.java" "$jar" "$jar.new"
    mv "$jar.new" "$jar"
  done
  for jar in "$1"/lib/*.jar; do stamp_time "$jar"; done
}

# The order is fixed: our own jars first, then by name. Starting globs nothing.
make_launcher() {
  mkdir -p "$1/bin"
  classpath=$(cd "$1/lib" && { ls holdfast-*.jar; ls | grep '\.jar$' | grep -v '^holdfast-'; } |
    sed 's|^|$lib/|' | tr '\n' ':')
  sed -e "s|@CLI_FLAGS@|$cli_flags|" -e "s|@AGENT_FLAGS@|$agent_flags|" -e "s|@SERVER_FLAGS@|$server_flags|" \
    -e "s|@DEV_FLAGS@|$dev_flags|" -e "s|@RELAY_FLAGS@|$relay_flags|" -e "s|@CLASSPATH@|${classpath%:}|" "$here/build/launcher.in" >"$1/bin/holdfast"
  chmod 755 "$1/bin/holdfast"
}
