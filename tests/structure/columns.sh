#!/bin/sh
# No line of a text file of the repository has more than 100 columns.
# columns.sh [TREE]: prints FILE:LINE and the columns of each that has. Without TREE it first plants
# a long line in a small tree, and fails where it is not seen.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8 # columns, not bytes

# Data and documents that nobody writes by hand: the licence, the corpora of the fuzz targets,
# pictures and the figures that they are drawn from, and the results that bench/compare/run writes.
data='^(LICENSE|tests/fuzz/corpus/.*|docs/img/.*|bench/RESULTS\.md)$'

# A copy is no work tree of git.
texts() {
    {
        git ls-files --cached --others --exclude-standard 2>/dev/null | grep . ||
            find . -type f | sed 's|^\./||'
    } | grep -vE "$data" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

# A line may be longer where it is an address, or a member of a JSON file that is one string,
# since neither can be broken.
check() {
    # shellcheck disable=SC2046 # names of files, each a word
    grep -InE '^.{101}' /dev/null $(texts) | grep -vE '^[^:]*:[0-9]+:.{0,20}https?://[^ ]*$' |
        grep -vE '^[^:]*\.json:[0-9]+: *"[^"]*": "([^"\\]|\\.)*",?$' |
        sed 's/^\([^:]*:[0-9]*\):.*/\1: over 100 columns/'
}

failed=0
if [ $# -eq 0 ]; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    line=$(printf '%0100d' 0 | tr 0 x)
    printf '%s\n# %s\n' "$line" "https://example.org/$line" >"$copy/ok.sh"
    mkdir -p "$copy/docs"
    printf 'one\n| %s |\n' "$line" >"$copy/docs/TABLE.md"
    printf '%s€\n' "$line" >"$copy/text"
    printf '  "a": "%s",\n  "b": "", "c": "%s"\n' "$line" "$line" >"$copy/a.json"
    seen=$(cd "$copy" && check | sort | cut -d: -f1,2 | tr '\n' ' ')
    if [ "$seen" = "a.json:2 docs/TABLE.md:2 text:1 " ]; then
        echo "ok - seen: a long row of a table, two members, a line of 101 letters"
    else
        echo "not ok - not seen: a long row of a table, two members, a line of 101 letters"
        failed=1
    fi
fi

long=$(cd "${1:-.}" && check)
if [ -n "$long" ]; then
    echo "$long"
    echo "not ok - no line has more than 100 columns"
    exit 1
fi
echo "ok - no line has more than 100 columns"
exit "$failed"
