#!/usr/bin/env bash
# Cases 78 and 84: builds killed at 300 random moments and at each call that changes the disk; what is new is synced
# before it is published. Needs strace.
# Usage: tests/faults/kills.sh PODLEAF random|calls|order [SEED]
set -euo pipefail
podleaf=$1 what=$2
RANDOM=${3-1}
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
mkdir -p "$site/content/a"
for n in {1..12}; do
  printf '**Ann:** a\n\n**Bo:** b\n\n**Ann:** c\n\n**Bo:** d %s\n' "$n" >"$site/content/a/$n.md"
done

# The site of a version; each has an episode of its own, so that files come and go.
version() {
  rm -f "$site"/content/a/only-*.md
  cp "$site/content/a/1.md" "$site/content/a/only-$1.md"
  address=https://example.org/$1/
}

published() { (cd "$1" && find . -type f ! -name '.podleaf-*' -print0 | sort -z | xargs -0 sha256sum | sha256sum); }

fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

build() { "$podleaf" build --quiet "$site" --base-url "$address" "$@"; }

# The output is one of two versions, each as a clean build makes it.
clean=$site/clean
declare -A whole
for n in 0 1; do
  version "$n"
  build --output-dir "$clean/$n"
  whole[$n]=$(published "$clean/$n")
done
[[ ${whole[0]} != "${whole[1]}" ]]
check() {
  local now
  now=$(published "$site/public")
  [[ $now == "${whole[0]}" || $now == "${whole[1]}" ]] || fail "$1: neither the old nor the new site"
}

version 0; build
version 1; build
started=$(date +%s%N)
version 0; build
took=$(((($(date +%s%N) - started)) / 1000))

if [[ $what == random ]]; then
  for n in {1..300}; do
    version $((n % 2))
    # Not by a function, which would run in a shell of its own that is killed in its stead.
    "$podleaf" build --quiet "$site" --base-url "$address" & process=$!
    sleep "$(printf '0.%06d' $((RANDOM * 32768 + RANDOM)) | cut -c1-8 | awk -v took="$took" '{ print $1 * took / 1000000 }')"
    kill -9 "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
    check "kill $n"
  done
  printf '300 kills: whole\n'
fi

if [[ $what == calls ]]; then
  killed=0
  for call in renameat2 rename renameat write linkat unlinkat mkdir mkdirat openat fsync syncfs statx; do
    for n in 1 2 3 4 5 6 7 8 9 10 12 14 17 20 25 30 40 50 70 100; do
      version $(((killed + n) % 2))
      code=0
      (
        strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
          "$podleaf" build --quiet "$site" --base-url "$address"
        exit $?
      ) 2>/dev/null || code=$?
      check "$call $n"
      [[ $code == 0 ]] && break
      [[ $code == 137 ]] || fail "$call $n: code $code"
      killed=$((killed + 1))
    done
  done
  ((killed > 50)) || fail "$killed calls were reached"
  printf '%s kills at a call: whole\n' "$killed"
fi

for n in 0 1; do
  version "$n"
  build
  [[ $(published "$site/public") == "${whole[$n]}" ]] || fail 'the build after the kills'
done
left=$(cd "$site" && ls -A | grep '^\.public' | tr '\n' ' ')
[[ $left == '.public.podleaf-previous .public.podleaf-stamps ' ]] || fail "left: $left"

if [[ $what == order ]]; then
  # Case 84: between the last write to the tree and the exchange there is a sync; for few files, one of each.
  for files in few many; do
    rm -rf "$site/content/b"
    if [[ $files == many ]]; then
      mkdir "$site/content/b"
      for n in {1..80}; do cp "$site/content/a/1.md" "$site/content/b/$n.md"; done
    else
      printf '**Ann:** other\n\n**Bo:** b\n\n**Ann:** c\n\n**Bo:** d\n' >"$site/content/a/3.md"
    fi
    strace -f -qq -o "$site/calls" -e trace=renameat2,rename,renameat,linkat,unlinkat,mkdirat,mkdir,write,fsync,syncfs \
      "$podleaf" build --quiet "$site" --base-url "$address"
    awk -v files="$files" '
      /renameat2\(.*podleaf-previous.*RENAME_EXCHANGE/ { exchanged = 1; if (!synced) exit 1; next }
      exchanged { after = after $0 }
      /(fsync|syncfs)\(/ { synced = 1; next }
      !exchanged && /(write|renameat|rename|linkat|mkdirat|mkdir)\(/ && !/write\(2,/ { synced = 0 }
      END { if (!exchanged || after !~ /fsync\(/) exit 1 }
    ' "$site/calls" || fail "the order of syncs, $files files"
  done
  printf 'synced before the exchange, and the folder after it\n'
fi
printf 'passed\n'
