#!/bin/sh
# The house's floors: an include never looks up, each foreign header has its home, no room is over 400 lines.
# floors.sh [TREE]: prints one line a violation. Without TREE it first sees itself fail, on a copy with each fault planted.
set -eu
cd "$(dirname "$0")/.."
floors="base core db run cli"

# Which of the lines FILE:INCLUDE come from files that are no home of theirs. $1 header, $2 homes as a pattern of grep -E.
strangers() {
    grep -rnE "#[[:space:]]*include[[:space:]]*[<\"]$1[>\"]" src --include='*.[ch]' | grep -vE "^src/($2):" |
        sed "s|^\([^:]*:[0-9]*\):.*|\1: $1 is not at home here|"
}

check() {
    above=$floors
    for floor in $floors; do
        above=${above#"$floor"}
        above=${above# }
        [ -n "$above" ] || break
        pattern=$(echo "$above" | tr ' ' '|')
        grep -rnE "#[[:space:]]*include[[:space:]]*[<\"](\.\./)*($pattern)/" "src/$floor" --include='*.[ch]' |
            sed 's|^\([^:]*:[0-9]*\):\(.*\)|\1: looks up: \2|' || true
    done
    strangers 'mpi\.h' 'run/[^/]*|main\.c' || true
    # exchange.h is libpq's ante-room: it shows the shape of a connection to the few who need it.
    strangers 'libpq-fe\.h' 'db/(connection|connect|copy_out|rows)\.c|db/exchange\.[ch]' || true
    strangers '(db/)?exchange\.h' 'db/(connection|connect|batch|copy_out|rows|exchange)\.c' || true
    strangers 'hwloc\.h' 'run/topology\.c' || true
    strangers '(cjson/)?cJSON\.h' 'core/(config|report|bench)[^/]*\.c' || true
    find src -name '*.[ch]' -exec wc -l {} + | while read -r lines file; do
        [ "$file" = total ] || [ "$lines" -le 400 ] || echo "$file: $lines lines; a room has at most 400"
    done
}

# planted FILE TEXT..: the fault must be seen in FILE.
planted() {
    file=$1
    shift
    mkdir -p "$copy/${file%/*}"
    [ ! -e "$copy/$file" ] || mv "$copy/$file" "$copy/kept"
    printf '%s\n' "$@" >"$copy/$file"
    if (cd "$copy" && check) | grep -q "^$file:"; then
        echo "ok - seen: $*" | cut -c 1-100
    else
        echo "not ok - not seen in $file: $*" | cut -c 1-100
        failed=1
    fi
    rm "$copy/$file"
    [ ! -e "$copy/kept" ] || mv "$copy/kept" "$copy/$file"
}

failed=0
if [ $# -eq 0 ]; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    cp -r src "$copy/src"
    planted src/base/planted.c '#include "core/key.h"'
    planted src/core/planted.h '#include "db/rows.h"'
    planted src/db/planted.c '# include "../run/launch.h"'
    planted src/run/planted.c '#include "cli/commands.h"'
    planted src/cli/planted.c '#include <mpi.h>'
    planted src/db/planted.h '#include <libpq-fe.h>'
    planted src/db/planted.c '#include "db/exchange.h"'
    planted src/run/planted.c '#include <hwloc.h>'
    planted src/run/planted.h '#include <cjson/cJSON.h>'
    # shellcheck disable=SC2046 # one word a line
    planted src/run/planted.c $(seq 401)
fi

violations=$(cd "${1:-.}" && check)
if [ -n "$violations" ]; then
    echo "$violations"
    echo "not ok - the floors are kept"
    exit 1
fi
echo "ok - the floors are kept"
exit "$failed"
