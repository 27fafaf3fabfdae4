# Where scripts keep what is slow to make, over clones and builds. Sourced.
cache=${HOLDFAST_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or HOLDFAST_CACHE}/.cache}/holdfast}
