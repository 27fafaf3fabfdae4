# Writes OCI image layouts with GNU tar and gzip: names sorted, owners and times fixed. Sourced; wants say.sh.
# A file holds both `index.json`, as OCI has it, and Docker's older `manifest.json`.

# Of everything that has no time of its own worth keeping; as mmdebstrap is given it.
image_epoch=1767225600

# json_words WORD...: "WORD", ... Words of ours hold no quotes and no backslashes.
json_words() {
  words=
  for word; do
    case $word in *[\"\\]*) die "the word '$word' cannot be written into an image's configuration" ;; esac
    words="$words${words:+,}\"$word\""
  done
  printf %s "$words"
}

# tree_tar DIR FILE: all of DIR is root's, but /data, which is nobody's. Jars keep their times, to
# which start-up caches are bound; these come from their content.
tree_tar() {
  find "$1" ! -name '*.jar' -exec touch -h -d "@$image_epoch" {} +
  (
    cd "$1"
    tar --format=posix --pax-option=delete=atime,delete=ctime --sort=name --numeric-owner --owner=0 --group=0 \
      --anchored --exclude=data -cf "$2" -- *
    tar --format=posix --pax-option=delete=atime,delete=ctime --numeric-owner --owner=65534 --group=65534 \
      --mode=0700 -rf "$2" -- data
  )
}

sha256_of() { sha256sum "$1" | cut -c 1-64; }

oci_begin() {
  mkdir -p "$1/blobs/sha256"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
  oci_layers='' oci_diffs='' oci_files='' oci_history=''
}

# oci_blob LAYOUT FILE: moves it in under its hash; sets blob_digest and blob_size.
oci_blob() {
  blob_digest=$(sha256_of "$2")
  blob_size=$(stat -c %s "$2")
  mv "$2" "$1/blobs/sha256/$blob_digest"
}

# oci_layer LAYOUT TAR
oci_layer() {
  gzip -n -6 -c "$2" >"$1/layer"
  layer_diff=$(sha256_of "$2")
  oci_blob "$1" "$1/layer"
  oci_layers="$oci_layers${oci_layers:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$blob_digest\",\"size\":$blob_size}"
  oci_diffs="$oci_diffs${oci_diffs:+,}\"sha256:$layer_diff\""
  oci_files="$oci_files${oci_files:+,}\"blobs/sha256/$blob_digest\""
  oci_history="$oci_history${oci_history:+,}{\"created\":\"$(image_time)\",\"created_by\":\"script/images\"}"
}

image_time() { date -u -d "@$image_epoch" +%Y-%m-%dT%H:%M:%SZ; }

# oci_finish LAYOUT NAME:TAG ARCHITECTURE CONFIG FILE
oci_finish() {
  printf '{"created":"%s","architecture":"%s","os":"linux","config":{%s},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
    "$(image_time)" "$3" "$4" "$oci_diffs" "$oci_history" >"$1/config"
  oci_blob "$1" "$1/config"
  config_digest=$blob_digest
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
    "$config_digest" "$blob_size" "$oci_layers" >"$1/manifest"
  oci_blob "$1" "$1/manifest"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s","io.containerd.image.name":"%s"},"platform":{"architecture":"%s","os":"linux"}}]}' \
    "$blob_digest" "$blob_size" "${2#*:}" "docker.io/$2" "$3" >"$1/index.json"
  printf '[{"Config":"blobs/sha256/%s","RepoTags":["%s"],"Layers":[%s]}]' "$config_digest" "$2" "$oci_files" >"$1/manifest.json"
  (
    cd "$1"
    tar --format=posix --pax-option=delete=atime,delete=ctime --sort=name --numeric-owner --owner=0 --group=0 \
      --mode='u=rwX,go=rX' --mtime="@$image_epoch" -cf "$5" -- blobs index.json manifest.json oci-layout
  )
}
