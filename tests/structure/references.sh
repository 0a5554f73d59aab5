#!/bin/sh
# What comments and documents refer to exists: quoted sections, links, anchors, documents, modules.
#   DESIGN.md, "Section"             the document has a heading of this text
#   [text](docs/JOB.md#anchor)       the file is there, and has a heading with this anchor
#   docs/BENCH.md                    a document that is mentioned is there
#   core/protocol/retry, db/cycle    in C and in documents: a module, a file or a folder of src
# references.sh [TREE]: prints a line for each reference that leads nowhere. Without TREE it first
# plants a reference of each kind in a small tree, and fails where one is not seen.
set -eu
cd "$(dirname "$0")/../.."

# The files of the tree in the working directory; a copy is no work tree of git.
tracked() {
    git ls-files --cached --others --exclude-standard 2>/dev/null | grep . ||
        find . -type f | sed 's|^\./||'
}

# This folder's tests hold references that lead nowhere on purpose; a corpus is data.
texts() {
    tracked | grep -vE '^tests/(structure|fuzz/corpus)/.*|\.(svg|json)$' | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

check() {
    list=$(mktemp)
    tracked >"$list"
    # shellcheck disable=SC2046 # names of files, each a word
    awk -v list="$list" '
    # A heading or a section as it is compared: no number before it, no markup.
    function plain(heading) {
        gsub(/[`*]/, "", heading)
        sub(/^[0-9]+\. /, "", heading)
        return heading
    }
    # The anchor that GitHub gives a heading.
    function anchor(heading) {
        heading = tolower(heading)
        gsub(/[^a-z0-9 _-]/, "", heading)
        gsub(/ /, "-", heading)
        return heading
    }
    # A path without "." and "..".
    function normal(path,    parts, count, i, kept, out) {
        count = split(path, parts, "/")
        kept = 0
        for (i = 1; i <= count; i++)
            if (parts[i] == ".." && kept > 0)
                kept--
            else if (parts[i] != "." && parts[i] != "")
                parts[++kept] = parts[i]
        out = ""
        for (i = 1; i <= kept; i++)
            out = out (i > 1 ? "/" : "") parts[i]
        return out
    }
    function folder(file) {
        return sub(/\/[^\/]*$/, "", file) ? file : "."
    }
    # The file or folder that a path means, from the root or beside the file that names it; or "".
    function find(file, path) {
        path = normal(path)
        if (path in exists)
            return path
        path = normal(folder(file) "/" path)
        return path in exists ? path : ""
    }
    function told(file, what) {
        print file ": " what
    }

    BEGIN {
        while ((getline path < list) > 0) {
            exists[path] = 1
            while (sub(/\/[^\/]*$/, "", path))
                exists[path] = 1
        }
        for (path in exists)
            if (path ~ /^src\/.*\.[ch]$/) {
                module = path
                sub(/^src\//, "", module)
                exists_in_src[module] = 1
                sub(/\.[ch]$/, "", module)
                exists_in_src[module] = 1
            }
        for (path in exists)
            if (path ~ /^src\//) {
                module = path
                sub(/^src\//, "", module)
                exists_in_src[module] = 1
            }
    }

    FNR == 1 {
        file_count++
        names[file_count] = FILENAME
        is_code = 0
    }
    {
        line = $0
        is_document = FILENAME ~ /\.md$/
        if (is_document && line ~ /^```/)
            is_code = !is_code
        if (is_document && !is_code && line ~ /^#+ /) {
            heading = line
            sub(/^#+ +/, "", heading)
            headings[FILENAME "\t" plain(heading)] = 1
            anchors[FILENAME "\t" anchor(heading)] = 1
        }
        sub(/^[ \t]*(\/\*|\*\/|\*|\/\/|#+|--|\.\\")?[ \t]*/, "", line)
        content[file_count] = content[file_count] line " "
    }

    # DOCUMENT, "Section", "Section" and "Section"
    function check_sections(file, text,    document, section) {
        while (match(text, /[A-Za-z0-9_.\/-]+\.md\)?, "[^"]+"/)) {
            document = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            section = document
            sub(/^[^"]*"/, "", section)
            sub(/"$/, "", section)
            sub(/\)?, ".*/, "", document)
            check_section(file, document, section)
            while (match(text, /^(,|,? and|,? or) "[^"]+"/)) {
                section = substr(text, 1, RLENGTH)
                text = substr(text, RLENGTH + 1)
                sub(/^[^"]*"/, "", section)
                sub(/"$/, "", section)
                check_section(file, document, section)
            }
        }
    }
    function check_section(file, document, section,    found) {
        found = find(file, document)
        if (found != "" && !((found "\t" plain(section)) in headings))
            told(file, found " has no section \"" section "\"")
    }
    function check_links(file, text,    target, path, mark, found) {
        while (match(text, /\]\([^() ]+\)/)) {
            target = substr(text, RSTART + 2, RLENGTH - 3)
            text = substr(text, RSTART + RLENGTH)
            if (target ~ /^[a-z]+:/)
                continue
            mark = path = target
            sub(/#.*/, "", path)
            if (!sub(/^[^#]*#/, "", mark))
                mark = ""
            found = path == "" ? file : normal(folder(file) "/" path)
            if (!(found in exists))
                told(file, "the link to " target " leads nowhere")
            else if (mark != "" && !((found "\t" mark) in anchors))
                told(file, found " has no heading with the anchor #" mark)
        }
    }
    function check_documents(file, text,    before, path) {
        while (match(text, /[A-Za-z0-9_.\/-]*[A-Z]+\.md/)) {
            before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
            path = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            # not below a folder that only a script knows
            if (before !~ /[${}]/ && path !~ /^\// && find(file, path) == "")
                told(file, "there is no document " path)
        }
    }
    function check_modules(file, text,    before, path) {
        while (match(text, /(base|core|db|run|cli)\/[a-z0-9_\/.]+/)) {
            before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
            path = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            sub(/[\/.]+$/, "", path)
            if (before ~ /[A-Za-z0-9_\/.-]/ || substr(text, 1, 1) ~ /[*{A-Z-]/)
                continue
            if (!(path in exists_in_src))
                told(file, "src has no module, file or folder " path)
        }
    }
    END {
        for (i = 1; i <= file_count; i++) {
            gsub(/[ \t]+/, " ", content[i])
            if (content[i] ~ /(PROTOCOL|DESIGN)(\.md)?, sections? /)
                told(names[i], "names a section in a form of its own; write DOCUMENT, \"Section\"")
            check_sections(names[i], content[i])
            check_documents(names[i], content[i])
            if (names[i] ~ /\.md$/)
                check_links(names[i], content[i])
            if (names[i] ~ /\.(md|c|h)$/)
                check_modules(names[i], content[i])
        }
    }' $(texts)
    rm -f "$list"
}

# planted FILE LINE..: with these lines at its end, the file must be told.
planted() {
    file=$1
    shift
    cp "$copy/$file" "$copy/kept"
    printf '%s\n' "$@" >>"$copy/$file"
    if (cd "$copy" && check) | grep -q "^$file: "; then
        echo "ok - seen: $file: $*"
    else
        echo "not ok - not seen in $file: $*"
        failed=1
    fi
    mv "$copy/kept" "$copy/$file"
}

failed=0
if [ $# -eq 0 ]; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    mkdir -p "$copy/docs" "$copy/src/core/plan" "$copy/sql"
    printf '# The rules\n\n## 1. One `rule`\n' |
        tee "$copy/docs/RULES.md" "$copy/DESIGN.md" >"$copy/README.md"
    echo '/* docs/RULES.md, "One rule", and core/plan. */' >"$copy/src/core/plan/key.h"
    echo '-- docs/RULES.md, "One rule"' >"$copy/sql/one.sql"
    lost=$(cd "$copy" && check)
    if [ -n "$lost" ]; then
        echo "not ok - references that resolve are let pass"
        echo "$lost" | sed 's/^/# /'
        failed=1
    fi
    planted src/core/plan/key.h '/* As in docs/RULES.md, "Another' ' * rule". */'
    planted src/core/plan/key.h '/* docs/RULES.md, "One rule" and "Another". */'
    planted src/core/plan/key.h '/* (PROTOCOL, section "One rule") */'
    planted src/core/plan/key.h '/* see core/plan/lock.h */'
    planted src/core/plan/key.h "/* core/retry's table */"
    planted sql/one.sql '-- see docs/NOTHING.md'
    planted sql/one.sql '-- DESIGN.md, "Nothing"'
    planted README.md 'See [the rules](docs/RULES.md#another-rule).'
    planted README.md 'See [below](#nothing).'
    planted docs/RULES.md 'See [the picture](img/nothing.png).'
    planted docs/RULES.md 'The table is in db/nothing/retry.c.'
fi

lost=$(cd "${1:-.}" && check)
if [ -n "$lost" ]; then
    echo "$lost"
    echo "not ok - what comments and documents refer to exists"
    exit 1
fi
echo "ok - what comments and documents refer to exists"
exit "$failed"
