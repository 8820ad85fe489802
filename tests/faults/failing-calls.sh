#!/usr/bin/env bash
# Case 67: each system call of a build fails once, at each of its first forty times, if there are so many. Needs strace.
# Usage: tests/faults/failing-calls.sh PODLEAF
set -euo pipefail
podleaf=$1
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
mkdir "$site/content"
printf '**Ann:** a\n\n**Bo:** b\n\n**Ann:** c\n\n**Bo:** d\n' >"$site/content/x.md"
"$podleaf" build --quiet "$site"

published() { (cd "$site/public" && find . -type f | sort | xargs sha256sum | sha256sum); }

before=$(published)
failed=0
for call in renameat2 rename renameat linkat fsync syncfs fdatasync write unlinkat mkdir mkdirat openat; do
  for n in {1..40}; do
    code=0
    : >"$site/calls"
    strace -f -qq -o "$site/calls" -e "trace=$call" -e "inject=$call:error=EIO:when=$n" \
      "$podleaf" build --quiet "$site" --base-url "https://example.org/$n/" 2>"$site/said" || code=$?
    now=$(published)
    if [[ $code == 0 ]]; then
      before=$now
    elif [[ $code != 3 || $now != "$before" ]] || grep -q panicked "$site/said"; then
      printf 'FAILED: %s %s, code %s\n' "$call" "$n" "$code"
      exit 1
    fi
    # A call that there is no more did not fail.
    grep -q INJECTED "$site/calls" || break
    failed=$((failed + 1))
  done
done
((failed > 30)) || { printf 'FAILED: only %s calls failed\n' "$failed"; exit 1; }
printf '%s calls failed\npassed\n' "$failed"
