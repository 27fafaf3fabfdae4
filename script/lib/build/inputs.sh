# Names everything that the distribution is made from. Sourced by script/build.

inputs_hash() {
  (
    cd "$root"
    {
      cat "$JAVA_HOME/release"
      echo "no start-up caches: ${HOLDFAST_NO_AOT:-no}"
      find pom.xml ./*/pom.xml .mvn script/build script/mvn script/lib/build script/lib/java.sh guest ./*/src/main \
        -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -c 1-64
  )
}
