# The jars of all modules but e2e, and beside each those it runs with. Sourced by script/build.

build_modules=cli,runner,bench

make_jars() {
  for module in cli runner bench; do rm -rf "$root/$module/target/dependency" "$root/$module/target/"*.jar; done
  # Nothing asks the network, unless a library is not here yet.
  if libraries_here; then
    phase "compiling and packing the jars" "$work/jars.log" package_jars -o
  else
    phase "fetching libraries, compiling and packing the jars" "$work/jars.log" package_jars
    poms_hash >"$work/libraries-of"
  fi
  rm -rf "$work/bench"
  mkdir -p "$work/bench"
  cp -p "$root"/bench/target/holdfast-bench-*.jar "$root"/bench/target/dependency/*.jar "$work/bench/"
}

# Not `-q`: it hides the warning that -Werror stopped at.
package_jars() {
  "$root/script/mvn" -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dstyle.color=never "$@" -Dmaven.test.skip=true -pl "$build_modules" -am \
    package dependency:copy-dependencies -DincludeScope=runtime
}

# Whether these poms were built here before, from a library folder that is still the same one.
libraries_here() { [ "$(cat "$work/libraries-of" 2>/dev/null)" = "$(poms_hash)" ]; }

poms_hash() {
  {
    cat "$root"/pom.xml "$root"/*/pom.xml
    stat -c %w-%i "$HOME/.m2/repository" 2>/dev/null || echo none
  } | sha256sum | cut -c 1-64
}
