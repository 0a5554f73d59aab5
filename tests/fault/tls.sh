#!/bin/sh
# TLS, with certificates of the test's own. All ranks verify them in full, and refuse a wrong host
# name and an unknown authority. A password comes from PGPASSFILE and is seen nowhere else.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000
direct=$PGHOST
secret=sesame-$$-open

# make_authority NAME; make_certificate NAME HOST AUTHORITY
make_authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" \
        -out "$1.crt" 2>/dev/null
}
make_certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s\n' "$2" >"$1.ext"
    openssl x509 -req -days 2 -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial \
        -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}
make_authority ours
make_authority theirs
make_certificate right localhost ours
make_certificate other elsewhere.example ours

data=$(sql 'SHOW data_directory')
# serve CERTIFICATE: lets the server show this certificate from now on.
serve() {
    for file in "$1.crt" "$1.key"; do
        cp "$file" "$data/server.${file##*.}"
        chown --reference="$data/PG_VERSION" "$data/server.${file##*.}"
        chmod 600 "$data/server.${file##*.}"
    done
    sql 'SELECT pg_reload_conf()' >/dev/null
}
serve right
psql -Xq -v role=miller -v table=mill.items -v columns='value, "UpdateFlag"' \
    -f "$root/sql/roles.sql"
sql "ALTER ROLE miller PASSWORD '$secret'"
# TCP needs TLS and the password.
cat >"$(sql 'SHOW hba_file')" <<'HBA'
local all all trust
hostssl all miller 127.0.0.1/32 scram-sha-256
hostssl all miller ::1/128 scram-sha-256
HBA
port=$(free_port)
sql "ALTER SYSTEM SET listen_addresses = '127.0.0.1'"
sql "ALTER SYSTEM SET port = $port"
sql 'ALTER SYSTEM SET ssl = on'
server restart "$CHUNKMILL_TEST_POSTGRES" fast
export PGPORT="$port"

umask 077
echo "localhost:$port:*:miller:$secret" >passwords
# over_tls COMMAND..: runs it with a connection over TLS.
over_tls() {
    socket=$PGHOST owner=$PGUSER
    export PGHOST=localhost PGUSER=miller PGSSLMODE=verify-full \
        PGSSLROOTCERT="${authority:-$work/ours.crt}" PGPASSFILE="$work/passwords"
    "$@"
    export PGHOST="$socket" PGUSER="$owner"
    unset PGSSLMODE PGSSLROOTCERT PGPASSFILE
}

# With the right certificate. The sessions and processes are looked at during the run.
looked_at() {
    hold updated 1
    begin secure 4 run items.json --report secure.json --verbose
    wait_held secure
    PGHOST=$direct PGUSER=postgres psql -XAtqc "SELECT a.application_name, s.ssl, s.version
        FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid)
        WHERE a.application_name LIKE 'chunkmill%' ORDER BY 1" >ssl
    for process in /proc/[0-9]*; do
        { tr '\0' '\n' <"$process/cmdline"; } 2>/dev/null || true # it may be gone by now
    done >arguments
    for process in $(pid_of secure) $(children "$(pid_of secure)"); do
        tr '\0' '\n' <"/proc/$process/environ"
    done >environments
    PGHOST=$direct PGUSER=postgres psql -XAtqc 'SELECT * FROM pg_stat_activity' >activity
    let_go
    finish secure
    unhold
}
over_tls looked_at
exits "verify-full with the right certificate and a password file: it ends with 0" 0
exact "over TLS: each row exactly once"
same "all sessions were encrypted: control and three workers" "4|4" \
    "$(grep -c . ssl)|$(grep -c '|t|TLSv1' ssl)"
same "the password was in no argument, environment, session, output or report" "" \
    "$(grep -lF "$secret" arguments environments activity ssl everything.out secure.out \
        secure.json ./*.json || true)"
as_server pg_dump -h "$direct" -p "$port" -U postgres -n chunkmill postgres >ledger.dump
same "nor in the ledger" "" "$(grep -lF "$secret" ledger.dump || true)"
claim "the ledger was looked at" grep -q 'COPY chunkmill.attempt' ledger.dump

# refused CLAIM REGEXP: claims that the run is refused with 69 and one message.
refused() {
    over_tls mill 3 run items.json --label again --report none
    exits "$1: refused with 69" 69
    says "$1: in a sentence" "$2"
    same "$1: once" 1 "$(grep -c 'chunkmill: error: ' out)"
    same "$1: no run is made" 1 "$(sql 'SELECT count(*) FROM chunkmill.run')"
}
serve other
refused "a certificate for another host" \
    'server certificate for "elsewhere.example" does not match host name "localhost"'
serve right
authority=$work/theirs.crt refused "an authority that we don't know" 'certificate verify failed'
echo "localhost:$port:*:miller:wrong-$secret" >passwords
refused "a wrong password in the file" 'password authentication failed'
rm passwords
refused "no password" 'try PGPASSFILE'
same "no password was ever printed" "" "$(grep -lF "$secret" everything.out || true)"

# A password is refused in other places.
sed "s/\"job\": \"items\"/\"job\": \"items\", \"connection\": {\"password\": \"$secret\"}/" \
    items.json >bad.json
alone run bad.json
exits "a password in the job file: refused with 2" 2
alone run items.json --set "connection.password=$secret"
exits "a password by --set: refused with 2" 2
alone run items.json --password "$secret"
exits "a password as an option: refused with 2" 2
same "and not repeated" "" "$(grep -lF "$secret" everything.out || true)"

conclude
