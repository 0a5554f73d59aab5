#!/bin/sh
# slurm/run.sbatch in a real cluster (tests/tools/slurm): through in one go, drained and put back
# into the queue, and gone on with by another job after a rank was killed. Each job is a new run
# over the same rows.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"
: "${CLUSTER:?try: tests/tools/postgres with tests/tools/slurm with $0}"

export CHUNKMILL_EXE="$CHUNKMILL" CHUNKMILL_CHUNK_TARGET_ROWS=200
job=$root/config/conflict_visits.json
workers=7 # run.sbatch asks for 8 ranks

# submit SBATCH-ARGUMENTS..: its number is $id.
submit() {
    id=$(sbatch --parsable "$@")
}

# field NAME: of the job $id, as Slurm has it.
field() {
    scontrol --oneliner show job "$id" | tr ' ' '\n' | sed -n "s/^$1=//p" | head -n 1
}

is_over() {
    case $(field JobState) in
    PENDING | RUNNING | COMPLETING | CONFIGURING | REQUEUED | SUSPENDED | '') false ;;
    esac
}

has_restarted() {
    [ "$(field Restarts)" = 1 ]
}

# until_job SECONDS COMMAND..: until the command succeeds; shows the jobs' logs when it never does.
until_job() {
    (wait_until "$@") && return
    squeue >&2
    tail -n 40 chunkmill-*.out >&2
    tail -n 15 "$CLUSTER"/log/*.log >&2
    die "job $id"
}

# ends CLAIM STATE STATUS: that job $id ends so.
ends() {
    until_job 60 is_over
    status="$(field JobState) $(field ExitCode)"
    cat chunkmill-*.out >out
    exits "$1" "$2 $3:0"
}

# Every worker stands in its second update, so that none can be done with all the chunks meanwhile.
hold_workers() {
    hold updated:2 ''
    unset CHUNKMILL_TEST_HOLD_RANK
}

are_held() {
    set -- "$hold_file".[0-9]*
    is_held && [ $# -eq $workers ]
}

# attempts: how those of the newest run ended.
attempts() {
    sql "SELECT string_agg(coalesce(outcome || ' ' || exit_status, 'unknown'), ', '
        ORDER BY attempt)
         FROM chunkmill.attempt WHERE run_id = (SELECT max(run_id) FROM chunkmill.run)"
}

label() {
    sql "SELECT label FROM chunkmill.run ORDER BY run_id DESC LIMIT 1"
}

both_worked() {
    chunks_value \
        "count(*) FILTER (WHERE attempt = 1) > 0 AND count(*) FILTER (WHERE attempt = 2) > 0"
}

sql_script -f "$root/sql/conflict_visits/schema.sql"
sql_script -v rows=20000 -f "$root/sql/conflict_visits/data.sql" >/dev/null
psql -Xq -v table=conflict.conflictvisitmaps -v row_id=ID -v flag=UpdateFlag \
    -v scope="t.\"CONFLICTID\" IS NOT NULL AND t.\"VisitDate\"::date
        BETWEEN now() - interval '2 years' AND now() + interval '30 days'" \
    -v left='NOT EXISTS (SELECT FROM analytics.visits AS v WHERE v."VisitID" = t."VisitID")
             OR NOT EXISTS (SELECT FROM analytics.visits AS v WHERE v."VisitID" = t."ConVisitID")' \
    -f "$root/tests/support/oracle/install.sql"
alone ledger "$job" create
exits "the ledger is made" 0

submit "$root/slurm/run.sbatch" "$job"
ends "a job runs to its end" COMPLETED 0
same "its label is the job's number" "slurm-$id" "$(label)"
same "it was one attempt" "done 0" "$(attempts)"
claim "its report lies where it was submitted" test -s "conflict_visits.slurm-$id.a1.report.json"
exact "each row exactly once"

forget
hold_workers
sed "s#\"\.\./sql#\"$root/sql#" "$job" >visits_3.json
submit --array=3 "$root/slurm/run.sbatch" visits_%a.json
out=chunkmill-$id.out
id=${id}_3
until_job 60 are_held
scancel --signal=USR1 --batch "$id"
until_job 10 grep -q draining "$out"
let_go
until_job 30 has_restarted
ends "USR1 to the batch shell: the job ends well" COMPLETED 0
same "it was put back into the queue once, by itself" 1 "$(field Restarts)"
same "its label, an array's task, survived" "slurm-$id" "$(label)"
same "it drained, and the next attempt finished" "interrupted 75, done 0" "$(attempts)"
same "both attempts did chunks" t "$(both_worked)"
exact "drained: each row exactly once"

forget
unhold
hold_workers
MAX_RESTARTS=0 submit "$root/slurm/run.sbatch" "$job"
until_job 60 are_held
is_held # its process is $held
kill -KILL "$held"
ends "a rank is killed, and no restart is left: the job ends with 75" FAILED 75
let_go
RUN_LABEL=slurm-$id submit "$root/slurm/run.sbatch" "$job"
ends "another job goes on under the same label" COMPLETED 0
same "that was the second attempt of the same run" 2 "$(run_value attempt)"
same "both attempts did chunks, after a kill" t "$(both_worked)"
exact "killed: each row exactly once"

conclude
