# The smallest image that somebody might really use: busybox, and musl as the C library. Nothing in it
# can load a program that was linked against glibc. Sourced by script/lib/image.

about_musl() { echo "a second"; }

recipe_musl() { cat /bin/busybox /lib/ld-musl-*.so.1; }

make_musl() {
  tree=$(mktemp -d)
  (
    cd "$tree"
    mkdir -p bin lib etc root tmp var/tmp dev proc sys run usr/bin
    chmod 1777 tmp var/tmp
    chmod 700 root
    cp -L /bin/busybox bin/busybox
    cp -L /lib/ld-musl-*.so.1 lib/
    for applet in $(bin/busybox --list); do [ -e "bin/$applet" ] || ln -s busybox "bin/$applet"; done
    ln -s ../../bin/env usr/bin/env
    echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
    echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>etc/passwd
    printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
    printf '127.0.0.1 localhost\n::1 localhost\n' >etc/hosts
    printf 'ID=holdfast-demo-musl\nPRETTY_NAME="Holdfast demo, musl"\n' >etc/os-release
    tar --sort=name --mtime=@1767225600 --owner=0 --group=0 --numeric-owner -cf "$1" .
  )
  rm -r "$tree"
}
