#!/usr/bin/env bash
# Cases 60 to 62: a disk that is full at eight sizes, without inodes, read-only. Mounts it where nobody else sees it.
# Usage: tests/faults/disk-full.sh PODLEAF SITE
set -euo pipefail
if [[ ${3-} != inside ]]; then
  unshare -rm true || { printf 'FAILED: this machine lets nobody mount a disk: unshare -rm\n'; exit 1; }
  exec unshare -rm "$0" "$1" "$2" inside
fi
podleaf=$1 site=$2
disk=$(mktemp -d)
trap 'umount -l "$disk"; rmdir "$disk"' EXIT
mount -t tmpfs -o size=64m,nr_inodes=100k tmpfs "$disk"

# How many kilobytes the next build writes: what names an address stays in no file, what does not is linked.
rewritten() { find "$disk/out" -type f -exec grep -lZ "https://example.org/" {} + | du -ck --files0-from=- | tail -1 | cut -f1; }

published() { (cd "$disk/out" && find . -type f | sort | xargs sha256sum | sha256sum); }

build() { "$podleaf" build --quiet "$site" --base-url "https://example.org/$1/" --output-dir "$disk/out"; }

# The build ends with code 3, names the reason and a place on that disk, and the site that was there is there.
check() {
  local code=0 said
  said=$(build "$1" 2>&1) || code=$?
  [[ $code == 3 && $said == *"$2"* && $said == *"$disk"* && $(published) == "$before" ]] || {
    printf 'FAILED: %s, code %s: %s\n' "$1" "$code" "$said"
    exit 1
  }
}

# From one tree, and from two.
for trees in one two; do
  rm -rf "$disk"/.out* "$disk/out"
  build "$trees-0"
  [[ $trees == one ]] || build "$trees-1"
  before=$(published)
  size=$(du -sk "$disk" | cut -f1) new=$(rewritten)
  for more in 0 4 64 128 $((new / 4)) $((new / 2)) $((new * 3 / 4)) $((new - 400)); do
    mount -o "remount,size=$((size + more))k" "$disk"
    check "$trees-size-$more" "disk full"
    # What a failed build has left of the previous tree takes no room from the next.
    [[ -z $(find "$disk" -name '.podleaf-unfinished') ]] || { printf 'FAILED: left by %s\n' "$more"; exit 1; }
    mount -o remount,size=64m "$disk"
    [[ $trees == one ]] || { build "$trees-again-$more"; before=$(published); }
    size=$(du -sk "$disk" | cut -f1)
  done
  mount -o "remount,size=64m,nr_inodes=$(($(find "$disk" | wc -l) + 20))" "$disk"
  check "$trees-inodes" "disk full"
  mount -o remount,ro,nr_inodes=100k "$disk"
  check "$trees-read-only" "read-only file system"
  mount -o remount,rw,size=64m "$disk"
  build "$trees-after"
  left=$(ls -A "$disk" | tr '\n' ' ')
  [[ $(published) != "$before" && $left == '.out.podleaf-previous .out.podleaf-stamps out ' ]] || {
    printf 'FAILED: the next build; left %s\n' "$left"
    exit 1
  }
done

# An output that is a mount point is changed in place: full, it stays; read-only, it stays; then it is completed.
mkdir "$disk/mount"
mount -t tmpfs -o size=64m tmpfs "$disk/mount"
in_place() { "$podleaf" build "$site" --base-url "https://example.org/$1/" --output-dir "$disk/mount" 2>&1; }
in_place 1 | grep -q 'since it is a mount point' || { printf 'FAILED: no note\n'; exit 1; }
before=$(cd "$disk/mount" && find . -type f ! -name '.podleaf-*' | sort | xargs sha256sum)
mount -o "remount,size=$(($(du -sk "$disk/mount" | cut -f1) + 64))k" "$disk/mount"
code=0
in_place 2 >/dev/null || code=$?
[[ $code == 3 && $(cd "$disk/mount" && find . -type f ! -name '.podleaf-*' | sort | xargs sha256sum) == "$before" ]] || {
  printf 'FAILED: a mount point that is full\n'
  exit 1
}
mount -o remount,size=64m "$disk/mount"
in_place 2 >/dev/null
[[ $(cd "$disk/mount" && find . -type f ! -name '.podleaf-*' | sort | xargs sha256sum) != "$before" ]]
umount "$disk/mount"
printf 'passed\n'
