#!/bin/sh
# The layers and their folders: no file includes a header of a layer above its own, or of a folder
# that its own may not know; a foreign header is included only by the files that are named below.
# layers.sh [TREE]: prints one line for each violation. Without TREE it first plants each kind of
# violation in a copy of the tree, and fails where one is not seen.
set -eu
cd "$(dirname "$0")/../.."
layers="base core db run cli"

# Which other folders of its layer a folder may include. A folder that is not listed here is a
# violation. Nothing includes db/preflight but the layers above it.
folders='
core/plan:
core/protocol: core/plan
core/sql: core/plan core/protocol
core/job: core/plan core/sql
core/dispatch: core/plan core/protocol
core/report: core/plan core/protocol
core/bench: core/plan core/report
db/connection:
db/target: db/connection
db/ledger: db/connection db/target
db/plan: db/connection db/ledger
db/cycle: db/connection db/ledger db/plan
db/stats: db/connection db/target db/ledger db/cycle
db/preflight: db/connection db/target db/ledger db/plan db/cycle
run/mpi:
run/report:
run/attempt: run/mpi run/report
run/work: run/mpi run/report run/attempt
run/launch: run/mpi run/report run/attempt run/work
run/bench: run/mpi run/report run/attempt run/launch
'

# includes PATTERN PATH..: FILE:NUMBER:INCLUDE for each include that matches the pattern of grep -E.
includes() {
    pattern=$1
    shift
    grep -rnE "#[[:space:]]*include[[:space:]]*[<\"]$pattern" "$@" --include='*.[ch]' || true
}

# told REASON: turns these lines into violations.
told() {
    sed "s|^\([^:]*:[0-9]*\):.*|\1: $1|"
}

# only_by HEADER FILES: violations of a header that only FILES, a pattern of grep -E, may include.
only_by() {
    includes "$1[>\"]" src | grep -vE "^src/($2):" | told "this file may not include $1" || true
}

check_layers() {
    above=$layers
    for layer in $layers; do
        above=${above#"$layer"}
        above=${above# }
        [ -n "$above" ] || break
        includes "(\.\./)*($(echo "$above" | tr ' ' '|'))/" "src/$layer" |
            told "includes a layer above its own"
    done
}

check_folders() {
    for folder in src/core/*/ src/db/*/ src/run/*/; do
        folder=${folder#src/}
        folder=${folder%/}
        if ! line=$(echo "$folders" | grep "^$folder:"); then
            echo "src/$folder: is in no rule of $0"
            continue
        fi
        may="$folder/$(echo "${line#*:}" | sed 's|  *\([^ ]*\)|\|\1/|g')"
        includes "${folder%%/*}/" "src/$folder" | grep -vE "[<\"]($may)" |
            told "$folder may not include that folder" || true
    done
    for layer in core db run; do
        find "src/$layer" -maxdepth 1 -name '*.[ch]' |
            sed 's/$/: is in no folder of its layer/'
    done
}

check() {
    check_layers
    check_folders
    only_by 'mpi\.h' 'run/.*'
    # exchange.h shows the shape of a connection; only the modules that speak to libpq need it.
    only_by 'libpq-fe\.h' \
        'db/connection/((connection|connection_open|copy_out|rows)\.c|exchange\.[ch])'
    only_by 'db/connection/exchange\.h' 'db/connection/.*\.c'
    only_by 'hwloc\.h' 'run/mpi/topology\.c'
    only_by '(cjson/)?cJSON\.h' 'base/json\.c|core/job/config[^/]*\.c|core/bench/bench_state\.c'
}

# planted FILE LINE..: the violation must be seen in FILE.
planted() {
    file=$1
    shift
    mkdir -p "$copy/${file%/*}"
    printf '%s\n' "$@" >"$copy/$file"
    if (cd "$copy" && check) | grep -q "^\($file\|${file%/*}\):"; then
        echo "ok - seen: $file: $*" | cut -c 1-100
    else
        echo "not ok - not seen in $file: $*" | cut -c 1-100
        failed=1
    fi
    rm "$copy/$file"
    rmdir "$copy/${file%/*}" 2>/dev/null || true
}

failed=0
if [ $# -eq 0 ]; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    cp -r src "$copy/src"
    planted src/base/planted.c '#include "core/plan/key.h"'
    planted src/core/plan/planted.h '#include "db/connection/rows.h"'
    planted src/db/cycle/planted.c '# include "../../run/launch/launch.h"'
    planted src/run/work/planted.c '#include "cli/commands.h"'
    planted src/core/sql/planted.h '#include "core/job/config.h"'
    planted src/db/cycle/planted.c '#include "db/preflight/preflight.h"'
    planted src/db/stats/planted.h '#include "db/preflight/preflight.h"'
    planted src/run/attempt/planted.c '#include "run/work/manager.h"'
    planted src/db/new/planted.c '#include "db/connection/rows.h"'
    planted src/db/planted.c 'int x;'
    planted src/cli/planted.c '#include <mpi.h>'
    planted src/db/plan/planted.h '#include <libpq-fe.h>'
    planted src/db/ledger/planted.c '#include "db/connection/exchange.h"'
    planted src/run/work/planted.c '#include <hwloc.h>'
    planted src/run/mpi/planted.h '#include <cjson/cJSON.h>'
fi

violations=$(cd "${1:-.}" && check)
if [ -n "$violations" ]; then
    echo "$violations"
    echo "not ok - the layers and folders are kept"
    exit 1
fi
echo "ok - the layers and folders are kept"
long=$(find "${1:-.}/src" -name '*.[ch]' -exec wc -l {} + |
    awk '$1 > 400 && $2 != "total" { print "# " $2 " has " $1 " lines: is it one module?" }')
[ -z "$long" ] || echo "$long"
exit "$failed"
