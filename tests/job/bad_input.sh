#!/bin/sh
# Whatever is wrong, in the job file, on the command line, with the server or the role: one line
# says what, the exit status is right, and nothing is changed. ctest: label job
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 2000

# refused CLAIM STATUS REGEXP ARGUMENTS..: one line of error that is like REGEXP, and the exit
# status.
refused() {
    said=$1
    wanted=$2
    like=$3
    shift 3
    alone "$@"
    errors=$(grep -c 'chunkmill: error: ' out || true)
    if [ "$status" = "$wanted" ] && [ "$errors" = 1 ] && grep 'chunkmill: error: ' out | grep -Eq \
        -- "$like"; then
        ok "$said"
    else
        not_ok "$said" "wanted exit status $wanted and one line like: $like" \
            "found $status and $errors lines:" "$(cat out)"
    fi
}

# unchecked CLAIM REGEXP ARGUMENTS..: one check refuses, in a line like REGEXP, and the last line
# says so: exit status 3.
unchecked() {
    said=$1
    like=$2
    shift 2
    alone "$@"
    errors=$(grep -c 'chunkmill: error: check ' out || true)
    if [ "$status" = 3 ] && [ "$errors" = 1 ] && grep 'chunkmill: error: check ' out | grep -Eq -- \
        "$like" &&
        tail -n 1 out | grep -q 'refused by the checks above, nothing was changed'; then
        ok "$said"
    else
        not_ok "$said" "wanted exit status 3 and one check that fails, like: $like" \
            "found $status and $errors:" "$(cat out)"
    fi
}

# job SED..: items.json with edits, as bad.json.
job() {
    sed "$@" items.json >bad.json
    if cmp -s items.json bad.json; then
        die "the edit $* changed nothing"
    fi
}

# update TEXT: a job with that as its update.
update() {
    printf '%s\n' "$1" >bad.sql
    job 's/"items.sql"/"bad.sql"/'
}

what_there_is() {
    sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t."ID")) FROM mill.items AS t'
    sql 'SELECT count(*) FROM chunkmill.run'
    sql 'SELECT count(*) FROM chunkmill.attempt'
}
what_there_is >before

# The job file.
refused "a job file that is not there" 2 'nowhere\.json' run nowhere.json
printf '{\n  "job": "x",\n' >bad.json
refused "a job file that ends too early: file and line" 2 'bad\.json:[0-9]+: ' run bad.json
job 's/"table"/"tabel"/'
refused "an unknown key is named, with its line and the nearest" 2 \
    'bad\.json:[0-9]+: .*tabel.*table' run bad.json
job '/"table"/d'
refused "a required key that is missing is named" 2 'table' run bad.json
job 's/500/"many"/'
refused "a value of the wrong type is named" 2 'bad\.json:[0-9]+: .*target_rows' run bad.json
job 's/500/0/'
refused "a value out of range is named, with the range" 2 'target_rows.*1' run bad.json
job 's/"target_rows"/"max_keys": 10, "target_rows"/'
refused "max_keys without filter keys is named" 2 'max_keys' run bad.json
job 's/"job": "items"/"job": "i t"/'
refused "a job's name with a space is refused" 2 'bad\.json:[0-9]+: .*job' run bad.json
job 's/"job": "items"/"job": "items", "job": "other"/'
refused "a key that is there twice is refused" 2 'bad\.json:[0-9]+: .*job' run bad.json
job 's/"job": "items"/"job": "items", "connection": {"password": "open sesame"}/'
refused "a password in the job file is refused" 2 'password' run bad.json
claim "and is not repeated" sh -c '! grep -q sesame out'

# Its SQL.
job 's/"items.sql"/"nowhere.sql"/'
refused "an update's file that is not there is named" 2 'nowhere\.sql' run bad.json
update 'UPDATE {mill}.items AS t SET value = 1 WHERE {chunk_fliter}'
refused "an unknown placeholder is named, with its line and the nearest" 2 \
    'bad\.sql:1: .*\{chunk_fliter\}.*\{chunk_filter\}' run bad.json
update 'UPDATE {mill}.items AS t SET value = 1'
refused "an update without {chunk_filter} is refused" 2 'chunk_filter' run bad.json
update 'UPDATE {mill}.items AS t SET value = 1 WHERE {chunk_filter}; DELETE FROM {mill}.items'
refused "an update of two statements is refused" 2 'bad\.sql' run bad.json
update 'UPDATE {mill}.items AS t SET valeu = 1 WHERE {chunk_filter}'
unchecked "an update that names no column of the table is refused" 'update: .*"valeu"' run bad.json
job 's/{mill}.items/{mill}.itens/'
refused "a table that is not there is named" 2 'table.*itens' run bad.json
job 's/{mill}.items/{mill}.items; DROP TABLE {mill}.items/'
refused "a table with a semicolon is refused" 2 'bad\.json:[0-9]+: table: not a table' run bad.json
job 's/{mill}.items/{mil}.items/'
refused "a schema placeholder that is not there is named, with the nearest" 2 '\{mil\}.*\{mill\}' \
    run bad.json
job 's/"row_id": "ID"/"row_id": "id"/'
refused "a row id that is no column is named" 2 'row_id.* id' run bad.json
job 's/"UpdateFlag"/"updateflag"/'
refused "a flag that is no column is named" 2 'flag.* updateflag' run bad.json
job 's/t.\\"SSN\\""\]/t.\\"SSM\\""]/'
refused "a key that is no expression of the table is named" 2 'key.*SSM' run bad.json
job 's/IS NOT NULL"/IS NUT NULL"/'
refused "a scope that is no SQL is named" 2 'scope' run bad.json
job "s/'2025-01-03'/'2025-13-03'/"
unchecked "a window that is no value of its type is named" 'window' run bad.json
job 's/"scope": "/"scope": "t.\\"UpdateFlag\\" IS NULL AND /'
unchecked "a scope that names the flag is refused" 'flag_in_key: .*"UpdateFlag"' run bad.json

# The command line.
# shellcheck disable=SC2016 # as it is printed
refused "a command that there isn't: the nearest is named" 2 'try `chunkmill status`' staus \
    items.json
refused "no command" 2 '--help'
refused "an option that there isn't: the nearest is named" 2 '--lable.*--label' run items.json \
    --lable x
refused "an option without its value" 2 '--label needs' run items.json --label
refused "a number that is none" 2 '--max-chunks many: .*whole number from 1' run items.json \
    --max-chunks many
refused "a number out of range" 2 '--max-chunks 0: ' run items.json --max-chunks 0
refused "no job" 2 'JOB' run
refused "two jobs" 2 'items\.json' run items.json items.json
refused "a label that can't be part of a file's name" 2 '--label' run items.json --label ../x
refused "--set with a key that there isn't" 2 'target_row' run items.json --set chunk.target_row=5
refused "--set with a value out of range" 2 'target_rows' run items.json --set chunk.target_rows=0
refused "--set with a password" 2 'password' run items.json --set connection.password=x
refused "--skip-check with a name that there isn't" 2 'skip.*nothing_such|nothing_such' run \
    items.json --skip-check nothing_such
refused "--chunk where no run is unfinished" 2 '--chunk 1: ' run items.json --chunk 1
printf 'mine\n' >taken.json
refused "plan writes over no file" 2 'taken\.json' plan items.json --out taken.json
same "which is as it was" mine "$(cat taken.json)"
refused "plan prints no keys" 2 '--show-keys' plan items.json --show-keys
begin several 3 run items.json --lable x
finish several
same "three ranks say it once" 1 "$(grep -c 'chunkmill: error: ' out)"

# The server.
PGHOST=$work/nowhere refused "a server that is down: where, and exit status 69" 69 'nowhere' run \
    items.json
PGDATABASE=nowhere refused "a database that there isn't" 69 '"nowhere" does not exist' run \
    items.json
PGUSER=nobody_such refused "a role that there isn't" 69 '"nobody_such" does not exist' run \
    items.json
PGSERVICE=nowhere refused "a service that there isn't" 69 'nowhere' run items.json
sql "CREATE ROLE guarded LOGIN PASSWORD 'right'; CREATE ROLE stranger LOGIN" >/dev/null
sql "COPY (SELECT 'local all ' || who
    FROM unnest('{guarded scram-sha-256,all trust}'::text[]) AS who)
    TO '$(sql 'SHOW hba_file')'" >/dev/null
sql 'SELECT pg_reload_conf()' >/dev/null
wait_until 10 is_true "(SELECT count(*) = 2 FROM pg_hba_file_rules)"
PGUSER=guarded PGPASSWORD=open-sesame refused "a wrong password" 69 \
    'password authentication failed' run items.json
claim "and it is not repeated" sh -c '! grep -q sesame out'
PGUSER=guarded refused "no password: where to put it" 69 'try PGPASSFILE' run items.json
PGUSER=stranger refused "a role that may not look into the table's schema" 3 \
    'permission denied for schema mill' run items.json
sql 'GRANT USAGE ON SCHEMA mill TO stranger' >/dev/null
PGUSER=stranger refused "nor into the ledger" 3 'permission denied for schema chunkmill' run \
    items.json
sql 'GRANT USAGE ON SCHEMA chunkmill TO stranger; GRANT SELECT ON chunkmill.ledger
    TO stranger' >/dev/null
PGUSER=stranger unchecked "a role without rights: what to grant" 'privileges: .*GRANT' run \
    items.json
PGUSER=stranger refused "nor may it make a ledger elsewhere" 3 'permission' ledger items.json \
    create --set ledger_schema=elsewhere

# The ledger.
refused "no ledger: the command to type" 3 'chunkmill ledger items\.json create' run items.json \
    --set ledger_schema=elsewhere
version=$(sql 'SELECT version FROM chunkmill.ledger')
sql 'UPDATE chunkmill.ledger SET version = version + 1' >/dev/null
refused "a newer ledger" 3 'newer' run items.json
sql 'UPDATE chunkmill.ledger SET version = 0' >/dev/null
refused "an older ledger" 3 'older' run items.json
sql "UPDATE chunkmill.ledger SET version = $version" >/dev/null
refused "ledger takes create or drop" 2 'create or drop' ledger items.json creat

what_there_is >after
claim "after all that, nothing is changed: rows, runs, attempts" cmp before after
claim "nor is there a report" sh -c '! ls ./*.report.json'
claim "and no line holds a key" sh -c "! grep -Eq '[0-9]{3}-[0-9]{2}-[0-9]{4}' everything.out"
conclude
