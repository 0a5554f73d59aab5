# An attempt of a round of kill_anywhere, its kills, and the loop that starts the next attempt.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared between the files

has_step() {
    case $1 in
    '' | *' ms' | *' chunks') return 1 ;;
    esac
}

# Lets the rest of the run go fast when no kill is to come.
hurry() {
    if [ "$next" -eq ${#victims[@]} ]; then
        sql 'UPDATE mill.round SET rest = 0.002 WHERE rest > 0.002' >/dev/null 2>&1 || true
    fi
}

# Whether mpirun has begun. Before, it is a copy of this shell, and would run its traps on a signal.
is_begun() {
    ! [ "/proc/$mpirun/exe" -ef "/proc/$$/exe" ]
}

# Begins the attempt $name. Where the next kill is at a fail point, a rank is held there.
launch() {
    attempt=$((attempt + 1))
    name=attempt$attempt
    one_of 1 2 3 3 4 4 5
    ranks=$drawn
    # The seconds that mpirun waits between SIGTERM and SIGKILL. The default is 1, which makes each
    # round longer.
    one_of 0 0 1
    export OMPI_MCA_odls_base_sigkill_timeout="$drawn"
    hurry
    unhold
    draw 100
    if has_step "${moments[next]-}"; then
        rank=$((ranks == 1 ? 0 : 1 + drawn % (ranks - 1)))
        [[ ${moments[next]} != manager_* ]] || rank=0
        hold "${moments[next]}" "$rank"
    fi
    begin "$name" "$ranks" run "$job.json" "${settings[@]}" "${retry[@]}"
    mpirun=$!
    in_time is_begun || true
    names+=" $name"
    story+="; $ranks ranks"
}

finished_chunks() {
    sql 'SELECT count(*) FROM chunkmill.chunk WHERE finished_at IS NOT NULL' 2>/dev/null || echo 0
}

has_come() {
    is_gone "$mpirun" || [ "$(finished_chunks)" -ge "$1" ]
}

is_held_or_gone() {
    is_held || is_gone "$mpirun"
}

# Waits for the moment; fails when the attempt ends before.
comes() {
    case $1 in
    *' ms')
        sleep "$(printf '0.%03d' "${1% *}")"
        ;;
    *' chunks') in_time has_come $(($(finished_chunks) + ${1% *})) ;;
    *) in_time is_held_or_gone ;;
    esac
    ! is_gone "$mpirun"
}

# Does the kills that are due in this attempt.
kill_along() {
    held_step=${CHUNKMILL_TEST_HOLD-}
    while [ -z "$standing_now" ] && [ "$next" -lt ${#victims[@]} ] && [ ${#troubles[@]} -eq 0 ]; do
        moment=${moments[next]}
        if has_step "$moment" && [ "$moment" != "$held_step" ]; then
            break # for the next attempt
        fi
        comes "$moment" || break
        strike "${victims[next]}"
        story+=", ${victims[next]} at $moment"
        [ "${victims[next]}" != stop ] || standing_now=yes
        next=$((next + 1))
        [ -z "$held_step" ] || let_go
        held_step=
        hurry
    done
    [ -z "${CHUNKMILL_TEST_HOLD-}" ] || let_go
}

# Checks the exit status of attempt $1. mpirun may end with a status of chunkmill, except that of a
# refusal or a bug, or with one of its own, for signals and lost ranks.
check_exit() {
    case $status in
    5) $abandoned || trouble "$1 ends with 5" ;;
    2 | 3 | 70) trouble "$1 ends with $status" ;;
    esac
}

# Waits until attempt $1 has ended.
ends() {
    pid=$(pid_of "$1")
    rankless_since=
    in_time has_ended "$pid" >hung || {
        trouble "$1 does not end: $(ps -o pid,stat,wchan,args --ppid "$pid" --pid "$pid")"
        return 0
    }
    [ ! -s hung ] || story+=", mpirun hangs without ranks"
    status=0
    wait "$pid" 2>/dev/null || status=$?
    check_exit "$1"
    ended_names+=" $1 "
}

run_attempt() {
    standing_now=
    launch
    kill_along
    draw 800
    if [ -n "$standing_now" ]; then
        story+=" and overtaken"
        return 0
    fi
    if [ -n "$standing" ] && [ "$drawn" -lt 400 ]; then
        sleep "$(printf '0.%03d' "$drawn")"
        go_on
    fi
    ends "$name"
}

# ---- The loop

has_run() {
    is_true 'EXISTS (SELECT FROM chunkmill.run)' 2>/dev/null
}

# Sets $status to that of the run, as the loop does. Waits while another attempt is live or the
# server is away. A run that was not even begun is to be begun.
ask() {
    while :; do
        status=0
        timeout 30 "$CHUNKMILL" status "$job.json" --exit-status >>status.out 2>&1 || status=$?
        [ "$status" != 5 ] || has_run || status=75
        case $status in
        6 | 69) ;;
        *) return 0 ;;
        esac
        ! is_late || return 0
        sleep 0.1
    done
}

# Now and then calls `chunkmill release` between two attempts.
release_between() {
    if [ "$job" != flag ] || ! chance 15; then
        return 0
    fi
    release_status=0
    timeout 30 "$CHUNKMILL" release flag.json "${settings[@]:2}" >>release.out 2>&1 ||
        release_status=$?
    released=true
    story+=", release"
    case $release_status in
    0 | 6 | 69 | 75) ;;
    *) trouble "release ends with $release_status" ;;
    esac
}

# Whether a chunk was quarantined because it was in flight too often when ranks were killed. Here
# such a chunk is innocent.
has_killers() {
    is_true "EXISTS (SELECT FROM chunkmill.chunk WHERE state = 'failed'
        AND error_sqlstate = 'KM001')" 2>/dev/null
}

# Whether there is to be another attempt.
goes_on() {
    [ ${#troubles[@]} -eq 0 ] && [ "$attempt" -lt "$most_attempts" ] || return 1
    retry=()
    if [ "$status" = 4 ] && has_killers; then
        retry=(--retry-failed)
        released=true # so that rows may be marked again
        story+="; once more what was quarantined"
        return 0
    fi
    [ "$status" = 75 ]
}

is_abandoned() {
    status=0
    timeout 30 "$CHUNKMILL" abandon "$job.json" --yes "${settings[@]:2}" >>abandon.out 2>&1 ||
        status=$?
    case $status in
    6 | 69) sleep 0.1 && return 1 ;;
    esac
}

# Abandons the run now and then, preferably while a former attempt stands still, which wakes up
# later.
abandon_between() {
    if ! $abandons || ! has_run || { [ -z "$standing" ] && ! chance 50; }; then
        return 1
    fi
    story+=", abandoned"
    abandoned=true
    in_time is_abandoned || true
    [ "$status" = 0 ] || trouble "abandon ends with $status"
}

loop() {
    retry=()
    run_attempt
    ask
    while goes_on; do
        ! abandon_between || break
        release_between
        run_attempt
        ask
    done
    case $status in
    0) ;;
    4) $foreign || trouble "gaps, but there were no foreign writers" ;;
    *) trouble "after $attempt attempts the status is $status" ;;
    esac
}
