# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# tests/torture/lib.sh - what the tests that try to break the promises share. Each is a flow test of
# a minute at most; with TORTURE=1 in its environment (make torture) it is as long as it takes.
#
#   . "$(dirname "$0")/../torture/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../flow/lib.sh"
TOOLS=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/torture
TRIES=2400
export REPRINT_TABLE=20 # articles, so that a small state has runs, and merges them

# The first in CI, the second under `make torture`.
quick_or_long() { [ -z "${TORTURE:-}" ] && echo "$1" || echo "$2"; }

# One seed for a run; TORTURE_SEED=N repeats it.
touch "$LOG"
SEED=${TORTURE_SEED:-$RANDOM}
RANDOM=$SEED
echo "TORTURE_SEED=$SEED" >&2
between() { echo $(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); } # from, to

feeder() { "$TOOLS/feeder" "$@"; }

# What must be the same however often the daemon was disturbed, and in whatever order articles came:
# each alert's article, who matches whom, who stands in a cluster together.
signature() {
	json alerts --since 0 2>/dev/null | jq -rs '
		map(select(.id)) |
		(group_by(.cluster) | map(([.[].id] | min) as $c | map({ key: .id, value: $c })) | add
			| from_entries) as $cluster
		| .[] | "article \(.id) \(.version) \(.words) \(.simhash) \(.digest) \($cluster[.id])",
			(.id as $a | .matches[] | [$a, .id] | sort | "match \(.[0]) \(.[1])")' | sort
}

same() { # file, file, sentence
	sentences=$((sentences + 1))
	cmp -s "$1" "$2" || not_ok "$3" "$(diff "$1" "$2" | head -n 12)"
}

dense() { # count, sentence
	is "$(json alerts --since 0 | jq -r .alert)" "$(seq 1 "$1")" "$2"
}

# The daemon is gone, or was not, and how.
ended() { # expected exit codes as a pattern, sentence
	local rc
	wait "$DAEMON"
	rc=$?
	DAEMON=
	matches $rc "^($1)$" "$2"
}
