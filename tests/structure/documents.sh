#!/bin/sh
# The documents name what the program has: docs/JOB.md has every key of the job file, README.md and
# the manual page have every command and exactly the exit statuses that the program has.
# documents.sh [CHUNKMILL]: the program that is asked for its commands and exit statuses.
set -eu
program=${1:-build/dev/chunkmill}
case $program in
/*) ;;
*) program=$(pwd)/$program ;;
esac
cd "$(dirname "$0")/../.."
failed=0

# named NAME FILE: the file has the name as a word of its own.
named() {
    if ! grep -qwF -- "$1" "$2" 2>/dev/null; then
        echo "not ok - $2 names $1"
        failed=1
    fi
}

# The names of the schema's properties: each `"NAME": {` that isn't a keyword of JSON Schema.
keys=$(grep -oE '"[a-z_]+": *\{' config/job.schema.json | cut -d'"' -f2 | sort -u |
    grep -vxE 'properties|items|definitions|not|if|then|else') || true
if [ -z "$keys" ]; then
    echo "not ok - config/job.schema.json has keys"
    exit 1
fi
for key in $keys; do
    named "$key" docs/JOB.md
done

# The commands: in --help, the first word of each line below "commands:".
commands=$("$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
if [ -z "$commands" ]; then
    echo "not ok - chunkmill --help lists commands"
    exit 1
fi
for command in $commands; do
    named "$command" README.md
    named "$command" docs/chunkmill.1
done

# The exit statuses: in --help, the numbers below "exit status:".
statuses=$("$program" --help | sed -n '/^exit status:/,/^$/s/^  \([0-9][0-9]*\) .*/\1/p' | xargs)
if [ -z "$statuses" ]; then
    echo "not ok - chunkmill --help lists exit statuses"
    exit 1
fi

# same_statuses FILE NUMBERS: they are those of the program, in any order.
same_statuses() {
    listed=$(echo "$2" | tr -s ' ,' '\n' | sort -n | xargs)
    if [ "$listed" != "$statuses" ]; then
        echo "not ok - the exit statuses of $1 are $statuses, not $listed"
        failed=1
    fi
}
# A row of the table may have several, with commas between.
same_statuses README.md \
    "$(sed -n '/^## Exit status/,/^## /s/^| \([0-9][0-9, ]*\) |.*/\1/p' README.md)"
same_statuses docs/chunkmill.1 \
    "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9][0-9]*\)$/\1/p' docs/chunkmill.1)"

[ "$failed" -ne 0 ] || echo "ok - the documents name the job file's keys and the program's commands"
exit "$failed"
