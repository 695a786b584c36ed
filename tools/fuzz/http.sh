#!/usr/bin/env bash
# Sends generated requests to a demo of its own, as four people, and fails on what
# the OpenAPI document does not allow. FUZZTIME seconds for each, FUZZSEED repeats a run.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${FUZZTIME:-60}
seed=${FUZZSEED:-1}
port=${FUZZPORT:-8490}
here=tools/fuzz
work=$(mktemp -d)
base=http://127.0.0.1:$port

# The fuzzer, in the versions of requirements.txt, is installed once.
venv=${XDG_CACHE_HOME:-$HOME/.cache}/praxis/fuzz-$(sha256sum $here/requirements.txt | cut -c1-12)
if [ ! -x "$venv/bin/schemathesis" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r $here/requirements.txt
fi

go build -o "$work/praxis" ./cmd/praxis
export PRAXIS_LISTEN=127.0.0.1:$port PRAXIS_DATA_DIR=$work/data
"$work/praxis" demo >"$work/demo.log" 2>&1 &
demo=$!
trap 'kill $demo 2>/dev/null && wait $demo || true; rm -rf "$work"' EXIT
until grep -q '^Stop with Ctrl-C' "$work/demo.log"; do
	kill -0 $demo || { cat "$work/demo.log"; exit 1; }
	sleep 1
done

ask() { curl -sf -H "Authorization: Bearer $("$work/praxis" token "$1")" "$base$2"; }
group=$(ask olivia /v1/me | "$venv/bin/python" -c 'import json,sys; print(json.load(sys.stdin)["group"])')
read -r chart clinician < <(ask olivia "/v1/groups/$group/charts?limit=1" | "$venv/bin/python" -c 'import json,sys; c = json.load(sys.stdin)["charts"][0]; print(c["id"], c["primary"])')

# Random ids would find nothing; what is made with them is the practice of the demo.
cat >"$work/schemathesis.toml" <<TOML
[parameters]
"path.group" = "$group"
"path.chart" = "$chart"
"path.clinician" = "$clinician"
TOML

failed=0
for who in ${FUZZPEOPLE:-olivia carla pat nobody}; do
	echo "== $who, seed $seed, $seconds s"
	headers=()
	[ "$who" = nobody ] || headers=(--header "Authorization: Bearer $("$work/praxis" token "$who")")
	(cd "$work" && "$venv/bin/schemathesis" --config-file schemathesis.toml run "$base/openapi.json" "${headers[@]}" \
		--checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
		--phases coverage,fuzzing --max-time "$seconds" --seed "$seed" --continue-on-failure --warnings off --no-color) | tee "$work/$who.log" || failed=1
	# A run without a request has shown nothing.
	grep -q '[1-9][0-9]* generated' "$work/$who.log" || failed=1
done
exit $failed
