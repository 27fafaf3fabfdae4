# Speaks to a container engine by its API, with curl: no client program needed. Sourced.

# engine PATH CURL-ARGUMENTS...: asks the engine that DOCKER_HOST names (default: Docker's own socket).
engine() {
  engine_path=$1
  shift
  case ${DOCKER_HOST:-unix:///var/run/docker.sock} in
    unix://*) curl -sS --unix-socket "${engine_socket:=$(engine_socket)}" "$@" "http://engine$engine_path" ;;
    tcp://*) curl -sS "$@" "http://${DOCKER_HOST#tcp://}$engine_path" ;;
    *) die "DOCKER_HOST=$DOCKER_HOST: only unix:// and tcp:// engines are spoken to here" ;;
  esac
}

engine_socket() {
  socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
  echo "${socket#unix://}"
}

engine_answers() { [ "$(engine /_ping --max-time "${1:-5}" 2>/dev/null)" = OK ]; }
