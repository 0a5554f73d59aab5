# The old system in Python with psycopg2 (old.py, old_update.sql), with the index. It has as many
# processes as there are workers; each chunk is a call that reads the file with the plan and
# connects anew.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/peers/old_kept.sh"

peer_prepare() {
    plan_file=$scratch/old_plan.json
    rm -f "$plan_file"
}
