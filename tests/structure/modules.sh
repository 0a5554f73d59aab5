#!/bin/sh
# DESIGN.md, "Layers and modules", names every folder of src and every module in it, and nothing
# that is not there. A module is a file stem: chunk.c and chunk.h are the module `chunk`.
# In that section a folder is a heading, `### core/plan`, and a module begins a row of its table.
# modules.sh [TREE]: prints a line for each difference. Without TREE it first plants each kind of
# difference in a copy of the tree, and fails where one is not seen.
set -eu
cd "$(dirname "$0")/../.."

# FOLDER/MODULE of each file of src.
of_tree() {
    find src -name '*.[ch]' | sed 's|^src/||; s|\.[ch]$||' | sort -u
}

# FOLDER/MODULE of each row; main.c is in no folder.
of_document() {
    awk '
    /^## / { is_here = $0 == "## Layers and modules" }
    /^### / { folder = $2; gsub(/`/, "", folder) }
    is_here && /^\| `[a-z0-9_]+` \|/ {
        split($0, parts, "`")
        print (folder == "src" ? "" : folder "/") parts[2]
    }' DESIGN.md | sort
}

check() {
    tree=$(mktemp)
    document=$(mktemp)
    of_tree >"$tree"
    of_document >"$document"
    comm -23 "$tree" "$document" | sed 's|^|src/|; s|$|: DESIGN.md does not name this module|'
    comm -13 "$tree" "$document" |
        sed 's|.*|DESIGN.md: names & once too often, or there is no such module|'
    rm -f "$tree" "$document"
}

# seen WHAT: the check of the copy, which differs now, must say so. Puts the copy back.
seen() {
    if [ -n "$(cd "$copy" && check)" ]; then
        echo "ok - seen: $1"
    else
        echo "not ok - not seen: $1"
        failed=1
    fi
    rm -rf "$copy/src" "$copy/DESIGN.md"
    cp -r src DESIGN.md "$copy"
}

failed=0
if [ $# -eq 0 ] && [ -z "$(check)" ]; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    cp -r src DESIGN.md "$copy"
    echo '#include "base/error.h"' >"$copy/src/core/plan/planted.c"
    seen "a module that DESIGN.md does not name"
    mkdir "$copy/src/core/planted"
    mv "$copy/src/core/plan/key.c" "$copy/src/core/plan/key.h" "$copy/src/core/planted"
    seen "a module in another folder"
    rm "$copy"/src/core/plan/key.[ch]
    seen "a module that is gone"
    sed -i '/^| `key` |/p' "$copy/DESIGN.md"
    seen "a module that is named twice"
    sed -i 's/^## Layers and modules/## Files/' "$copy/DESIGN.md"
    seen "a document without the section"
fi

differences=$(cd "${1:-.}" && check)
if [ -n "$differences" ]; then
    echo "$differences"
    echo "not ok - DESIGN.md names each module of the tree"
    exit 1
fi
echo "ok - DESIGN.md names each module of the tree"
exit "$failed"
