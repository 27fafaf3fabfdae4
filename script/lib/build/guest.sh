# dist/guest: the guest agent of virtual machines, one static program in C. Sourced by script/build.

# make_guest OUT-DIR: nothing where there is no compiler; the rest of Holdfast does without.
make_guest() {
  if ! command -v gcc >/dev/null || ! command -v make >/dev/null; then
    say "no gcc and make: this distribution makes no images of machines (script/setup build gets them)"
    return 0
  fi
  mkdir -p "$1"
  phase "compiling the guest agent" "$work/guest.log" \
    make -s -B -C "$root/guest" OUT="$1/holdfast-guest"
}
