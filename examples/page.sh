#!/usr/bin/env bash
# Values a portfolio through the API of a page that `valgrid up` or `compute-manager` serves.
#
# usage: examples/page.sh URL USER PASSWORD PORTFOLIO MARKET...
#        examples/page.sh http://127.0.0.1:8080 admin WORD examples/portfolio.csv examples/market.json
#
# Signs in, makes a token of one day, uploads the files, submits, waits and prints the totals. Needs curl and python3.
set -euo pipefail
[ $# -ge 5 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
url=${1%/}/api/v1 user=$2 password=$3 portfolio=$4
shift 4
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT

# One field of a JSON answer.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
# JSON of NAME VALUE pairs, all of them texts.
texts() { python3 -c 'import json, sys; a = sys.argv[1:]; print(json.dumps(dict(zip(a[::2], a[1::2]))))' "$@"; }
call() { curl --fail-with-body -sS "$@"; }

call -c "$jar" -X POST "$url/session" -d "$(texts user "$user" password "$password")"
csrf=$(call -b "$jar" "$url/session" | field csrf)
token=$(call -b "$jar" -H "X-CSRF: $csrf" -X POST "$url/tokens" \
    -d '{"name": "examples/page.sh", "role": "operator", "days": 1}' | field token)
api() { call -H "Authorization: Bearer $token" "$@"; }

upload() { api --data-binary @"$1" "$url/uploads?name=$(basename "$1")" | field id; }
first=$(upload "$portfolio")
market=()
for file in "$@"; do market+=("$(upload "$file")"); done
order=$(python3 -c 'import json, sys
print(json.dumps({"portfolio": sys.argv[1], "market": sys.argv[2:], "metrics": ["NPV"]}))' "$first" "${market[@]}")
job=$(api -X POST "$url/jobs" -d "$order" | field id)
echo "job $job"

for _ in $(seq 600); do
    state=$(api "$url/jobs/$job" | field state) || state=unknown
    case $state in
        complete* | cancelled | expired) break ;;
    esac
    sleep 0.5
done
echo "$state"
api "$url/jobs/$job/files/summary.json" | python3 -c 'import json, sys
s = json.load(sys.stdin)
print("{:,} trades, {} failed, {} {:,.2f} {}".format(s["trades"], s["errors"], s["totalMetric"], s["total"], s["baseCurrency"]))'
echo "engines:"
api "$url/engines" | python3 -c 'import json, sys
for e in json.load(sys.stdin)["items"]: print(" ", e["engine"], e["state"])'
echo "log lines of the job:"
api "$url/logs?job=$job" | python3 -c 'import json, sys
for l in json.load(sys.stdin)["items"][-3:]: print(" ", l["at"], l["engine"], l["message"], l["fields"].get("batch.index", ""))'
