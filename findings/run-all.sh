#!/usr/bin/env bash
# Runs every finding, or those named, and says which no longer behave as written.
#
# usage: findings/run-all.sh [NAME ...]
set -euo pipefail
case ${1-} in -*) sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2 ;; esac

cd "$(dirname "$0")"
output=$(mktemp)
trap 'rm -f "$output"' EXIT
names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(ls -- *.sh | sed '/^run-all\.sh$/d; s/\.sh$//')
changed=0
for name in "${names[@]}"; do
    if bash "./${name%.sh}.sh" >"$output" 2>&1; then
        echo "as written  $name"
    else
        echo "CHANGED     $name"
        sed 's/^/    /' "$output"
        changed=$((changed + 1))
    fi
done
echo "${#names[@]} findings, $changed changed"
[ "$changed" -eq 0 ]
