# Root file systems made from Debian packages, for the images of script/images. Sourced; wants
# image-debian.sh.

# debian_of FILE VARIANT PACKAGES: the same bytes for the same packages. Nothing of the machine that
# makes it goes along: not its name, its resolver, or where it gets its packages.
debian_of() {
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
  sources=$(debian_sources "$codename")
  out=$1
  set -- --variant="$2" --include="$3" --format=tar --skip=output/dev \
    --customize-hook='rm -rf "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/apt/sources.list* "$1"/var/cache/ldconfig/aux-cache "$1"/var/log/*.log "$1"/var/log/apt' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$codename"
  if [ -n "$sources" ]; then
    echo "$sources" | SOURCE_DATE_EPOCH=1767225600 mmdebstrap "$@" "$out" -
  else
    SOURCE_DATE_EPOCH=1767225600 mmdebstrap "$@" "$out"
  fi
}
