# Draws a round of kill_anywhere from its seed. Results are in $drawn, because a subshell would not
# advance RANDOM.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared between the files

# Draws a number from 0 to $1 - 1.
draw() {
    drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

one_of() {
    draw $#
    shift "$drawn"
    drawn=$1
}

# Whether a chance of $1 per cent comes true.
chance() {
    draw 100
    [ "$drawn" -lt "$1" ]
}

draw_job() {
    one_of flag flag noflag
    job=$drawn
    one_of range range keys
    filter=$drawn
    one_of dynamic dynamic static
    schedule=$drawn
    draw 200
    target=$((60 + drawn))
    max=1000
    ! chance 40 || max=$target # so that the key with many rows is cut into slices
    draw 60
    rest=0.0$((30 + drawn)) # seconds that a chunk takes longer, as long as there is a kill to come
    nulls=false foreign=false flagged=false slow=false
    ! chance 30 || nulls=true
    ! chance 50 || foreign=true
    if $foreign && [ "$job" = flag ]; then
        ! chance 30 || flagged=true
    fi
    ! chance 25 || slow=true
    abandons=false # whether the run is given up
    ! chance 20 || abandons=true
    settings=(--report none --set "chunk.filter=$filter" --set "schedule=$schedule"
        --set "chunk.target_rows=$target" --set "chunk.max_rows=$max")
    ! $slow || settings+=(--set connection.statement_timeout_ms=500) # so that chunks are split
    one_of 1 2 3
    settings+=(--set "limits.suspect_after=$drawn")
    one_of 3 3 3 0 5
    ahead=$drawn
    settings+=(--set "mark_ahead=$ahead")
    # Keys a page, so that there is work while the plan is made. With 0 all of them are on one page.
    one_of 0 1 1 4 20
    export CHUNKMILL_TEST_PAGE_LINES="$drawn"
    story="$job $filter $schedule $target/$max ahead=$ahead page=$CHUNKMILL_TEST_PAGE_LINES"
    if chance 60; then # along the index, with a skip scan, as on a large table
        story+=" streams"
        for node in sort seqscan bitmapscan; do
            settings+=(--set "connection.settings.enable_$node=off")
        done
    fi
    for word in nulls foreign flagged slow; do
        ! ${!word} || story+=" $word"
    done
}

draw_moment() {
    draw 10
    case $drawn in
    [0-3])
        draw 1000
        drawn="$((drawn < 50 ? 0 : drawn)) ms"
        ;;
    [4-6])
        draw 20
        drawn="$((1 + drawn)) chunks"
        ;;
    7) one_of manager_planned manager_before_scatter manager_before_finish manager_after_batch \
        manager_after_batch:2 ;;
    *)
        one_of before_mark mark_committed updated finish_committed before_update \
            worker_before_result
        step=$drawn
        draw 5
        drawn=$step:$((1 + drawn))
        ;;
    esac
}

draw_kills() {
    victims=()
    moments=()
    next=0
    draw 4
    for ((kills = drawn + 1; kills > 0; kills--)); do
        one_of worker worker worker worker manager manager manager mpirun mpirun \
            worker_session worker_session worker_backend worker_backend manager_session \
            manager_backend \
            answer answer answer answer fast immediate immediate postmaster TERM TERM INT USR1 \
            USR1 stop stop stop cancel cancel cancel
        victims+=("$drawn")
        draw_moment
        moments+=("$drawn")
    done
}
