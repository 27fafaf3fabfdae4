# The two trimmed Javas of the distribution, made by jlink and kept in the cache. Sourced by script/build.

# Java of the server, the agent and the command line.
runtime_modules=java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs
# Java of the runner, inside every sandbox: it compiles code steps there.
runner_modules=java.base,jdk.compiler,jdk.zipfs

# Where the runner's Java stands in every sandbox. Its interpreter and library paths are absolute,
# so it starts from this place only.
runner_home=/opt/holdfast/java

# C libraries that a program may load by name at run time, which no file lists as needed.
glibc_by_name='libresolv.so.2 libnss_dns.so.2 libnss_files.so.2'

java_images_key() {
  {
    cat "$JAVA_HOME/release" "$here/build/java-images.sh" "$(libc_of "$JAVA_HOME/bin/java")"
    uname -m
  } | sha256sum | cut -c 1-16
}

# Prints the C library that a program loads.
libc_of() { ldd "$1" | awk '$1 == "libc.so.6" { print $3 }'; }

# link_java MODULES DIR
link_java() {
  "$JAVA_HOME/bin/jlink" --add-modules "$1" --strip-debug --no-header-files --no-man-pages --output "$2"
}

# make_runtime DIR
make_runtime() {
  link_java "$runtime_modules" "$1"
  # What is not covered by a start-up cache of its own still starts with the JDK's classes prepared.
  "$1/bin/java" -XX:+UseSerialGC -Xshare:dump
}

# make_runner_java DIR: a Java that brings its own C library, and so runs in images of any kind.
make_runner_java() {
  link_java "$runner_modules" "$1"
  # Starting these needs nothing but the files; the other programs of the image are not used.
  find "$1/bin" -type f ! -name java -delete
  bring_glibc "$1"
  check_alone "$1"
}

bring_glibc() {
  mkdir "$1/glibc"
  loader=$(patchelf --print-interpreter "$1/bin/java")
  cp -L "$loader" "$1/glibc/"
  libc=$(libc_of "$1/bin/java")
  # Everything that some file of this Java loads and that this Java does not bring.
  find "$1/bin" "$1/lib" -type f \( -name '*.so' -o -perm /111 \) -exec ldd {} + 2>/dev/null |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | grep -v -F "$1/" |
    while read -r library; do cp -L "$library" "$1/glibc/"; done
  for name in $glibc_by_name; do cp -L "$(dirname "$libc")/$name" "$1/glibc/"; done
  for program in bin/java lib/jspawnhelper; do
    patchelf --set-interpreter "$runner_home/glibc/$(basename "$loader")" --force-rpath \
      --set-rpath "$runner_home/glibc:$runner_home/lib:$runner_home/lib/server" "$1/$program"
  done
}

# Starts it in a sandbox that holds nothing else at all: no C library, no shell, no /etc. It starts
# itself again as a child, so both patched programs are proven.
check_alone() {
  probe=$work/probe
  rm -rf "$probe"
  mkdir "$probe"
  cat >"$probe/Alone.java" <<'JAVA'
    class Alone {
      public static void main(String[] args) throws Exception {
        var java = System.getProperty("java.home") + "/bin/java";
        System.exit(args.length > 0 ? 0
            : new ProcessBuilder(java, "-cp", "/probe", "Alone", "child").inheritIO().start().waitFor());
      }
    }
JAVA
  "$JAVA_HOME/bin/javac" -proc:none -d "$probe" "$probe/Alone.java"
  bwrap --unshare-all --die-with-parent --clearenv --proc /proc --dev /dev --tmpfs /tmp \
    --ro-bind "$1" "$runner_home" --ro-bind "$probe" /probe --cap-drop ALL \
    "$runner_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /probe Alone
  rm -r "$probe"
}

# cached NAME MAKER DIR: copies an image into the distribution, making it first where it is not kept.
cached() {
  kept=$cache/java/$(java_images_key)-$1
  if ! [ -d "$kept" ]; then
    mkdir -p "$cache/java"
    rm -rf "$kept.$$"
    phase "trimming Java for the $1" "$work/java-$1.log" "$2" "$kept.$$"
    mv -T "$kept.$$" "$kept" 2>/dev/null || rm -r "$kept.$$"
  fi
  mkdir -p "$(dirname "$3")"
  cp -a "$kept" "$3"
}
