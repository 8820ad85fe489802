#!/usr/bin/env bash
# Cases 60 to 62: a disk that is full at eight sizes, without inodes, read-only. Needs root.
# Usage: tests/faults/disk-full.sh PODLEAF SITE
set -euo pipefail
if [[ ${3-} != inside ]]; then
  exec unshare --mount "$0" "$1" "$2" inside
fi
podleaf=$1 site=$2
disk=$(mktemp -d)
trap 'umount "$disk"; rmdir "$disk"' EXIT
mount -t tmpfs -o size=64m tmpfs "$disk"

published() { (cd "$disk/out" && find . -type f | sort | xargs sha256sum | sha256sum); }

# The build ends with code 3, and the site that was there is there.
check() {
  local code=0
  "$podleaf" build --quiet "$site" --base-url "https://example.org/$1/" --output-dir "$disk/out" || code=$?
  [[ $code == 3 && $(published) == "$before" ]] || { printf 'FAILED: %s, code %s\n' "$1" "$code"; exit 1; }
}

"$podleaf" build --quiet "$site" --output-dir "$disk/out"
before=$(published)
size=$(du -sk "$disk/out" | cut -f1)
for more in 0 4 64 128 $((size / 4)) $((size / 2)) $((size * 3 / 4)) $((size - 40)); do
  mount -o "remount,size=$((size + more))k" "$disk"
  check "size-$more"
done
mount -o "remount,size=64m,nr_inodes=$(($(find "$disk" | wc -l) + 20))" "$disk"
check inodes
mount -o remount,ro,nr_inodes=0 "$disk"
check read-only
mount -o remount,rw "$disk"
"$podleaf" build --quiet "$site" --base-url https://example.org/after/ --output-dir "$disk/out"
[[ $(published) != "$before" && $(ls -A "$disk") == out ]] || { printf 'FAILED: the next build\n'; exit 1; }
printf 'passed\n'
