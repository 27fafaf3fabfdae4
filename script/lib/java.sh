# Finds a JDK 25, also where the default `java` is older. Sourced.

is_jdk25() { [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[".]' "$1/release" 2>/dev/null; }

# Sets and exports JAVA_HOME; returns 1 where there is no JDK 25.
find_jdk25() {
  for jdk in "${JAVA_HOME:-}" "${JDK25_HOME:-}" ${HOLDFAST_JDK_PLACES-/usr/lib/jvm/*25* /opt/*jdk*25*}; do
    if is_jdk25 "$jdk"; then
      JAVA_HOME=$jdk
      export JAVA_HOME
      return 0
    fi
  done
  return 1
}
