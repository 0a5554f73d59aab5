#!/bin/sh
# Every global symbol of an object file begins with its file's stem, so that a name tells the file:
# dispatch_next is in dispatch.c.
# names.sh [BUILD]: the build folder whose static libraries are read (default: build/dev). It first
# compiles a file that breaks the rule, and fails where that is not seen.
set -eu
build=${1:-$(cd "$(dirname "$0")/../.." && pwd)/build/dev}

# STEM PREFIX: files whose symbols begin otherwise. sql_statements.c is made by the build: it has a
# text for each file of sql/, named sql_STEM.
prefixes='
sql_statements sql
'

# check ARCHIVE..: a line for each symbol that its file does not name. What begins with two
# underscores is the compiler's (sanitizers, coverage).
check() {
    nm -A -g --defined-only "$@" | awk -v prefixes="$prefixes" '
    BEGIN {
        count = split(prefixes, lines, "\n")
        for (i = 1; i <= count; i++)
            if (split(lines[i], words, " ") == 2)
                prefix[words[1]] = words[2]
    }
    NF == 3 {
        # ARCHIVE:MEMBER:ADDRESS TYPE SYMBOL
        split($1, parts, ":")
        stem = parts[2]
        sub(/(\.c)?\.o$/, "", stem)
        seen++
        wanted = stem in prefix ? prefix[stem] : stem
        if ($3 !~ /^__/ && $3 != wanted && index($3, wanted "_") != 1)
            print parts[1] ": " stem ".c exports " $3
    }
    END {
        if (seen == 0)
            print "no symbol was found"
    }'
}

failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/planted.c" <<'END'
int planted_well = 1;
int other(void);
int other(void) { return 1; }
int plantedly = 1;
END
${CC:-cc} -c -o "$work/planted.c.o" "$work/planted.c"
ar rc "$work/libplanted.a" "$work/planted.c.o"
seen=$(check "$work/libplanted.a" | sed 's/.* //' | sort | tr '\n' ' ')
if [ "$seen" = "other plantedly " ]; then
    echo "ok - seen: a function and a variable of another name"
else
    echo "not ok - not seen: a function and a variable of another name"
    failed=1
fi

misnamed=$(check "$build"/src/libchunkmill_*.a)
if [ -n "$misnamed" ]; then
    echo "$misnamed"
    echo "not ok - each global symbol begins with its file's stem"
    exit 1
fi
echo "ok - each global symbol begins with its file's stem"
exit "$failed"
