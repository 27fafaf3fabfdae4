# What tests of virtual machines need besides QEMU: Debian's cloud kernel, unpacked and not installed,
# and a root file system. Sourced by script/test. Wants say.sh and cache.sh.

# unpack_kernel DIR: fetches the package as apt knows it, and unpacks it.
unpack_kernel() {
  mkdir -p "$1"
  (
    cd "$1" &&
      apt-get -q download "$kernel_package" && dpkg-deb -x ./*.deb unpacked && rm -f ./*.deb
  )
}

# machines_for_tests: exports HOLDFAST_TEST_KERNEL and HOLDFAST_TEST_ROOTFS; where one cannot be had,
# the tests that need it say so and are left out.
machines_for_tests() {
  kernel_package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
  if [ -z "$kernel_package" ]; then
    say "apt knows no linux-image-cloud-amd64: the tests of machines are left out"
    return 0
  fi
  kernel_dir=$cache/kernel/$kernel_package
  if ! [ -d "$kernel_dir/unpacked" ]; then
    rm -rf "$kernel_dir.new"
    say "fetching $kernel_package"
    if ! unpack_kernel "$kernel_dir.new" >"$root/target/kernel.log" 2>&1 </dev/null; then
      say "$kernel_package cannot be fetched (see target/kernel.log): the tests of machines are left out"
      return 0
    fi
    rm -rf "$kernel_dir"
    mv -T "$kernel_dir.new" "$kernel_dir"
  fi
  for found in "$kernel_dir"/unpacked/boot/vmlinuz-*; do HOLDFAST_TEST_KERNEL=$found; done
  export HOLDFAST_TEST_KERNEL
  HOLDFAST_TEST_ROOTFS=
  for found in "$cache"/images/debian-*.tar; do
    [ -e "$found" ] && HOLDFAST_TEST_ROOTFS=$found
  done
  if [ -n "$HOLDFAST_TEST_ROOTFS" ]; then export HOLDFAST_TEST_ROOTFS; else unset HOLDFAST_TEST_ROOTFS; fi
}
