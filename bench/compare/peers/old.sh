# The old system's way in Python with psycopg2 (old.py, old_update.sql), with the index: as many
# processes as there are workers, each chunk a call that reads the file with the plan and connects
# anew.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/peers/old_kept.sh"

peer_prepare() {
    plan_file=$scratch/old_plan.json
    rm -f "$plan_file"
}
