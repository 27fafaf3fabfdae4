# A small Debian: what an ordinary job finds in an ordinary image. Sourced by script/lib/image.

debian_packages=git,curl,ca-certificates

about_debian() { echo "about half a minute"; }

recipe_debian() { grep -E '^(ID|VERSION_CODENAME)=' /etc/os-release; }

# The sources that this machine itself gets Debian from, so that a local mirror serves here too.
debian_sources() {
  apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
    awk -F'|' -v codename="$1" '$1 == "Debian" && $2 == codename && $5 == "main" { print "deb " $3 " " $4 " main" }' | sort -u
}

make_debian() {
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
  sources=$(debian_sources "$codename")
  set -- "$1" --variant=minbase --include="$debian_packages" --format=tar \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$codename"
  out=$1
  shift
  if [ -n "$sources" ]; then
    echo "$sources" | SOURCE_DATE_EPOCH=1767225600 mmdebstrap "$@" "$out" -
  else
    SOURCE_DATE_EPOCH=1767225600 mmdebstrap "$@" "$out"
  fi
}
