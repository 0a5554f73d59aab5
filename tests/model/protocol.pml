/* The ledger's protocol: two attempts of two workers on two chunks of three rows, workers that
 * die, backends that commit after their worker is gone, answers that are lost. README.md says what
 * is modelled and what is not; run.sh says which instances are checked.
 *
 * Instances: NO_FLAG (the cycle in one transaction), FOREIGN=n (a program of somebody else's flags
 * and unflags row 1 up to n times), TOUCH (and writes to it while the mark is ours), SPLIT (chunk
 * 0 may be split), FAIL (one chunk may be quarantined), ABANDON (attempt 2 abandons the run),
 * CRASHES (2). Mutations, each a rule left out: NO_FENCE FENCE_KEY_SHARE FENCE_IN_CLAIM
 * NO_STATE_CHECK DONE_ELSEWHERE SPLIT_IN_PLACE SPLIT_COUNT_KEPT PLAIN_READ FLAG_IS_TRUTH NO_XMIN
 * COUNT_FLAGS_ONLY RELEASE_BY_FLAG. */

#ifndef CRASHES
#define CRASHES 2
#endif

/* Sets of rows are bits. Chunk 0 owns rows 0 and 1, chunk 1 row 2; the halves of chunk 0 are 2 and
 * 3. */
#define ALL_ROWS 7
#define FOREIGN_ROW 2
#ifdef SPLIT
#define CHUNKS 4
#else
#define CHUNKS 2
#endif
#define COUNT(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1))

/* The run's row. */
#define RUNNING 0
#define ABANDONING 1
#define DONE 2 /* or done_with_gaps */
#define ABANDONED 3
byte run_state = RUNNING;
byte attempt = 1;
byte sharing; /* set of sessions that hold the run's row FOR SHARE */
#define ENDED (run_state >= DONE)

/* The chunks' rows. */
#define ABSENT 0
#define PLANNED 1
#define MARKED 2
#define CHUNK_DONE 3
#define FAILED 4
#define IS_SPLIT 5
byte state[CHUNKS], tile[CHUNKS], row_ids[CHUNKS], settled[CHUNKS];
bit second[CHUNKS];    /* second pass */
bit elsewhere[CHUNKS]; /* rows_elsewhere: only one row is ever somebody else's */
byte locker[CHUNKS];   /* session that holds it FOR UPDATE, plus one */
#define IS_OPEN(chunk) (state[chunk] == PLANNED || state[chunk] == MARKED)
#ifdef SPLIT
#define OPEN_CHUNKS (IS_OPEN(0) || IS_OPEN(1) || IS_OPEN(2) || IS_OPEN(3))
#else
#define OPEN_CHUNKS (IS_OPEN(0) || IS_OPEN(1))
#endif

/* The target table, committed. Sessions see that a row is flagged, not by whom. */
byte ours, theirs; /* rows flagged by us, and by somebody else */
/* rows whose xmin is the mark's xid in their chunk's row: nobody has written them since */
byte fresh;
byte updated;      /* rows that a committed transaction has updated */
#define FLAGGED (ours | theirs)

/* Sessions: 0 and 1 of attempt 1, 2 and 3 of attempt 2; 4 and 5 are orphaned backends with a
 * COMMIT to do. What has no use is 0. */
#define SESSIONS 6
#define MARK 1    /* T1 */
#define UPDATE 2  /* T2 */
#define WHOLE 3   /* the cycle without a flag */
#define QUARANTINE 4
#define HALVE 5
#define UNMARK 6
#define FINISH 7  /* DONE_ELSEWHERE: the second half of T2 */
typedef session {
    byte does;          /* which transaction */
    byte chunk;         /* of which chunk */
    byte bounds;        /* the chunk's, as they came by MPI */
    byte found;         /* its state, as claimed */
    bit found_second;   /* its pass, as claimed */
    byte found_rows;    /* how many of its rows are marked, as claimed */
    byte written;       /* rows written, and so locked, in the open transaction */
    /* T2: rows of the tile that are not ours. T1 of the second pass: what it could not mark */
    bit others
};
session s[SESSIONS];
#define LOCKED (s[0].written | s[1].written | s[2].written | s[3].written | s[4].written \
    | s[5].written)
#define LOCKED_BY_OTHERS(me) (LOCKED & ~s[me].written) /* a row has one writer at a time */

byte crashes;
bit halved, quarantined;

/* Scratch of atomic steps, 0 between them, and what must be 0, by name. */
byte i, slot, rows, missed;
byte updated_twice, foreign_flags_changed, marks_left_behind, rows_not_in_count, rows_without_chunk;

/* Whenever the run has ended, and after everything that is committed then. */
inline judge()
{
    if
    :: run_state == DONE ->
        rows = 0;
        for (i : 0 .. CHUNKS - 1) {
            if
            :: state[i] == CHUNK_DONE || state[i] == FAILED -> rows = rows | tile[i]
            :: else
            fi;
            if
            :: state[i] == CHUNK_DONE ->
                missed = COUNT(tile[i] & ~updated);
                rows_not_in_count =
                    (missed > elsewhere[i] -> missed - elsewhere[i] : elsewhere[i] - missed);
                assert(rows_not_in_count == 0)
            :: else
            fi
        }
        rows_without_chunk = ALL_ROWS & ~rows;
        assert(rows_without_chunk == 0)
    :: else
    fi;
    if
    :: ENDED ->
        marks_left_behind = ours;
        assert(marks_left_behind == 0)
    :: else
    fi;
    i = 0;
    rows = 0;
    missed = 0
}

inline leave_transaction(me)
{
    sharing = sharing & ~(1 << me);
    if
    :: locker[s[me].chunk] == me + 1 -> locker[s[me].chunk] = 0
    :: else
    fi;
    s[me].found = 0;
    s[me].found_second = 0;
    s[me].found_rows = 0;
    s[me].written = 0;
    s[me].others = 0
}

/* The worker is gone, or its connection is, and the backend still has a COMMIT to do. */
inline leave_orphan(me)
{
    slot = (s[4].does == 0 -> 4 : 5);
    assert(s[slot].does == 0);
    s[slot].does = s[me].does;
    s[slot].chunk = s[me].chunk;
    s[slot].bounds = s[me].bounds;
    s[slot].found_second = s[me].found_second;
    s[slot].written = s[me].written;
    s[slot].others = s[me].others;
    if
    :: (sharing >> me) & 1 -> sharing = sharing | (1 << slot)
    :: else
    fi;
    if
    :: locker[s[me].chunk] == me + 1 -> locker[s[me].chunk] = slot + 1
    :: else
    fi;
    slot = 0;
    leave_transaction(me)
}

#ifdef SPLIT
/* The half has the parent's state, and of its ids those that are its own. */
inline insert_half(half, share)
{
    tile[half] = share;
    state[half] = state[0];
    second[half] = second[0];
    row_ids[half] = row_ids[0] & share;
    settled[half] = settled[0] & share;
#ifdef SPLIT_COUNT_KEPT
    elsewhere[half] = (half == 2 -> elsewhere[0] : 0)
#else
    elsewhere[half] = (elsewhere[0] && (share & ~row_ids[0] & ~settled[0]) != 0)
#endif
}

inline commit_split(me)
{
#ifdef SPLIT_IN_PLACE
    insert_half(3, 2);
    tile[0] = 1;
    row_ids[0] = row_ids[0] & 1;
    settled[0] = settled[0] & 1;
    elsewhere[0] = (elsewhere[0] && (1 & ~row_ids[0] & ~settled[0]) != 0)
#else
    insert_half(2, 1);
    insert_half(3, 2);
    state[0] = IS_SPLIT;
    second[0] = 0;
    row_ids[0] = 0;
    settled[0] = 0;
    elsewhere[0] = 0
#endif
}
#endif

/* finish_chunk.sql or put_back_chunk.sql */
inline write_result(me)
{
    fresh = fresh & ~row_ids[s[me].chunk]; /* no chunk holds that xid any more */
    if
    :: s[me].others && !s[me].found_second ->
        state[s[me].chunk] = PLANNED;
        second[s[me].chunk] = 1;
        settled[s[me].chunk] = row_ids[s[me].chunk]
    :: else ->
        state[s[me].chunk] = CHUNK_DONE;
        settled[s[me].chunk] = 0
#ifdef COUNT_FLAGS_ONLY
        ;
        elsewhere[s[me].chunk] = s[me].others
#endif
    fi;
    row_ids[s[me].chunk] = 0
}

/* What the transaction wrote is there for all to see, and its locks are gone. */
inline commit(me)
{
    foreign_flags_changed = s[me].written & theirs; /* nothing is theirs in a job without a flag */
    assert(foreign_flags_changed == 0);
    if
    :: s[me].does == MARK ->
        ours = ours | s[me].written;
        fresh = (fresh & ~row_ids[s[me].chunk]) | s[me].written;
        row_ids[s[me].chunk] = s[me].written;
        state[s[me].chunk] = MARKED;
        if
        :: s[me].found_second -> elsewhere[s[me].chunk] = s[me].others
        :: else
        fi
    :: s[me].does == UPDATE || s[me].does == WHOLE ->
        updated_twice = s[me].written & updated;
        assert(updated_twice == 0);
        updated = updated | s[me].written;
        ours = ours & ~s[me].written;
        fresh = fresh & ~s[me].written;
#ifndef DONE_ELSEWHERE
        write_result(me)
#endif
    :: s[me].does == FINISH -> write_result(me)
    :: s[me].does == QUARANTINE || s[me].does == UNMARK ->
        ours = ours & ~s[me].written;
        fresh = fresh & ~row_ids[s[me].chunk] & ~s[me].written;
        row_ids[s[me].chunk] = 0;
        if
        :: s[me].does == QUARANTINE ->
            state[s[me].chunk] = FAILED;
            settled[s[me].chunk] = 0
        :: else -> state[s[me].chunk] = PLANNED
        fi
#ifdef SPLIT
    :: s[me].does == HALVE -> commit_split(me)
#endif
    fi;
    leave_transaction(me);
    judge()
}

inline stop_session(me)
{
    leave_transaction(me);
    s[me].does = 0;
    s[me].chunk = 0;
    s[me].bounds = 0
}

/* The steps of a transaction. Each is a statement, as PostgreSQL in READ COMMITTED runs it: it may
 * have to wait, then it happens at once. */

#ifdef NO_FENCE
#define IS_FENCED_OUT(number) false
#define FENCE_LOCK(me) 0
#else
#define IS_FENCED_OUT(number) (attempt != number || ENDED)
#if defined(FENCE_KEY_SHARE) || defined(FENCE_IN_CLAIM)
#define FENCE_LOCK(me) 0
#else
#define FENCE_LOCK(me) (1 << me)
#endif
#endif

/* claim_chunk.sql: FOR UPDATE waits for whoever holds it. */
#ifdef PLAIN_READ
#define CAN_CLAIM(me) true
#else
#define CAN_CLAIM(me) (locker[s[me].chunk] == 0)
#endif
inline claim(me)
{
#ifndef PLAIN_READ
    locker[s[me].chunk] = me + 1;
#endif
#ifdef FENCE_IN_CLAIM
    sharing = sharing | (1 << me);
#endif
    s[me].found = state[s[me].chunk];
    s[me].found_second = second[s[me].chunk];
    s[me].found_rows = (state[s[me].chunk] == MARKED -> COUNT(row_ids[s[me].chunk]) : 0)
}

/* Writing to the ledger's row locks it, if reading has not. */
#define CAN_WRITE(me) (locker[s[me].chunk] == 0 || locker[s[me].chunk] == me + 1)

#define TILE(me) (s[me].bounds)
#define TO_MARK(me) (TILE(me) & ~FLAGGED & (s[me].found_second -> ~settled[s[me].chunk] : 255))
#ifdef NO_XMIN
#define TO_UPDATE(me) (TILE(me) & FLAGGED)
#else
#define TO_UPDATE(me) (state[s[me].chunk] == MARKED -> \
    TILE(me) & FLAGGED & fresh & row_ids[s[me].chunk] : 0)
#endif
#ifdef RELEASE_BY_FLAG
#define TO_RELEASE(me) (TILE(me) & FLAGGED)
#else
#define TO_RELEASE(me) (row_ids[s[me].chunk] & FLAGGED)
#endif
/* The slow path, where the sums do not match: rows of ours by id that this transaction has not
 * written. */
#define TO_SETTLE(me) (COUNT(s[me].written) != s[me].found_rows -> \
    row_ids[s[me].chunk] & TILE(me) & ~s[me].written : 0)

inline mark_rows(me)
{
    s[me].written = TO_MARK(me);
#ifndef COUNT_FLAGS_ONLY
    s[me].others = s[me].found_second && (TILE(me) & ~settled[s[me].chunk] & ~s[me].written) != 0;
#endif
    locker[s[me].chunk] = me + 1
}

inline settle_rows(me)
{
    s[me].written = s[me].written | TO_SETTLE(me);
#ifdef COUNT_FLAGS_ONLY
    s[me].others = (TILE(me) & FLAGGED & ~s[me].written) != 0;
#else
    s[me].others = (TILE(me) & ~s[me].written) != 0;
#endif
    locker[s[me].chunk] = me + 1
}

/* A worker dies, or its connection does; a transaction without a COMMIT on its way is rolled back.
 * Of each attempt one worker may die for good, the other goes on (or sleeps until the run has
 * ended, which to the others is the same as death). */
#define MAY_CRASH (crashes < CRASHES)
inline crash(me)
{
    crashes++;
    stop_session(me);
    if
    :: me == 0 || me == 2 -> goto stopped
    :: else -> goto idle
    fi
}

/* Between these statements nobody can see or change what the next one reads (README.md): one step,
 * unless each is asked for. */
#if defined(EACH_STATEMENT) || defined(PLAIN_READ)
#define NEXT_STATEMENT } atomic {
#else
#define NEXT_STATEMENT ;
#endif

proctype worker(byte me; byte number)
{
    /* Attempt 2's begin after the raise. Those of attempt 1 may sleep at each step and wake when
     * it is over. */
    (attempt >= number || ENDED);

    /* Between transactions a worker knows nothing. The manager hands out any open chunk, also one
     * that another worker has: it is not to be relied on. What the worker takes the chunk's state
     * and bounds to be may be old when it has claimed it. */
idle:
    atomic {
        if
        :: IS_FENCED_OUT(number) || ENDED -> goto stopped
        /* finish_run.sql waits for the sharers */
        :: !ENDED && attempt == number && !OPEN_CHUNKS && sharing == 0 ->
            run_state = DONE;
            judge();
            goto stopped
        :: !IS_FENCED_OUT(number) && IS_OPEN(0) -> s[me].chunk = 0
        :: !IS_FENCED_OUT(number) && IS_OPEN(1) -> s[me].chunk = 1
#ifdef SPLIT
        :: !IS_FENCED_OUT(number) && IS_OPEN(2) -> s[me].chunk = 2
        :: !IS_FENCED_OUT(number) && IS_OPEN(3) -> s[me].chunk = 3
#endif
        fi;
        sharing = sharing | FENCE_LOCK(me);
        s[me].bounds = tile[s[me].chunk];
        if
#ifdef NO_FLAG
        :: s[me].does = WHOLE
#else
        :: state[s[me].chunk] == PLANNED -> s[me].does = MARK
        :: state[s[me].chunk] == MARKED -> s[me].does = UPDATE
#endif
#ifdef FAIL
        :: !quarantined ->
            quarantined = 1;
            s[me].does = QUARANTINE
#endif
#ifdef SPLIT
        :: !halved && s[me].chunk == 0 ->
            halved = 1;
            s[me].does = HALVE
#endif
        fi
    }
fenced:
    atomic {
        if
        :: MAY_CRASH -> crash(me)
        :: CAN_CLAIM(me) -> claim(me)
        fi;
        if
#ifdef NO_STATE_CHECK
        :: s[me].does == UPDATE
#else
        :: s[me].does == UPDATE && s[me].found == MARKED
#endif
        :: (s[me].does == MARK || s[me].does == WHOLE) && s[me].found == PLANNED
        :: (s[me].does == QUARANTINE || s[me].does == HALVE) &&
            (s[me].found == PLANNED || s[me].found == MARKED)
        :: s[me].does == FINISH && s[me].found == MARKED
        :: else -> /* nothing to do: rolled back */
            stop_session(me);
            goto idle
        fi
        NEXT_STATEMENT
        if
        :: MAY_CRASH -> crash(me)
        :: s[me].does == MARK && (TO_MARK(me) & LOCKED_BY_OTHERS(me)) == 0 && CAN_WRITE(me) ->
            mark_rows(me)
        :: s[me].does == WHOLE && (TILE(me) & LOCKED_BY_OTHERS(me)) == 0 && CAN_WRITE(me) ->
            s[me].written = TILE(me);
            locker[s[me].chunk] = me + 1
        :: s[me].does == UPDATE && (TO_UPDATE(me) & LOCKED_BY_OTHERS(me)) == 0 ->
            s[me].written = TO_UPDATE(me)
        :: s[me].does == QUARANTINE && (TO_RELEASE(me) & LOCKED_BY_OTHERS(me)) == 0 &&
            CAN_WRITE(me) ->
            s[me].written = TO_RELEASE(me);
            locker[s[me].chunk] = me + 1
        :: (s[me].does == HALVE || s[me].does == FINISH) && CAN_WRITE(me) ->
            locker[s[me].chunk] = me + 1
        fi
        NEXT_STATEMENT
        if
        :: s[me].does == UPDATE ->
            if
            :: MAY_CRASH -> crash(me)
            :: (TO_SETTLE(me) & LOCKED_BY_OTHERS(me)) == 0 && CAN_WRITE(me) -> settle_rows(me)
            fi
        :: else
        fi
    }
    atomic {
        if
        :: MAY_CRASH -> crash(me)
        :: MAY_CRASH -> /* the COMMIT was sent, and is done sooner or later; nobody hears of it */
            leave_orphan(me);
            crash(me)
        :: commit(me);
#ifdef DONE_ELSEWHERE
            if
            :: s[me].does == UPDATE && !IS_FENCED_OUT(number) ->
                sharing = sharing | FENCE_LOCK(me);
                s[me].does = FINISH;
                goto fenced
            :: else
            fi;
#endif
            stop_session(me);
            goto idle
        fi
    }
stopped:
    skip
}

/* Raises the attempt, whether or not the former one is still at work: its lock may be lost with
 * its connection. */
#ifdef NO_FENCE
#define CAN_RAISE true
#else
#define CAN_RAISE (sharing == 0) /* raise_attempt.sql waits for the sharers */
#endif
proctype manager()
{
    atomic {
        if
        :: ENDED
        :: !ENDED && CAN_RAISE ->
            attempt = 2;
#ifdef FLAG_IS_TRUTH
            for (i : 0 .. CHUNKS - 1) {
                if
                :: IS_OPEN(i) && (tile[i] & ~FLAGGED) == 0 -> state[i] = CHUNK_DONE
                :: else
                fi
            }
            i = 0
#endif
        fi
    }
}

#ifdef ABANDON
/* Attempt 2: no chunk is handed out any more, and the marks are released by id. */
proctype abandon(byte me)
{
    (attempt == 2 || ENDED);
    atomic {
        if
        :: ENDED -> goto stopped
        :: !ENDED && sharing == 0 -> run_state = ABANDONING
        fi
    }
next:
    atomic {
        if
        :: state[0] == MARKED -> s[me].chunk = 0
        :: state[1] == MARKED -> s[me].chunk = 1
#ifdef SPLIT
        :: state[2] == MARKED -> s[me].chunk = 2
        :: state[3] == MARKED -> s[me].chunk = 3
        :: state[0] != MARKED && state[1] != MARKED && state[2] != MARKED && state[3] != MARKED &&
            sharing == 0 ->
#else
        :: state[0] != MARKED && state[1] != MARKED && sharing == 0 ->
#endif
            run_state = ABANDONED;
            judge();
            goto stopped
        fi;
        s[me].bounds = tile[s[me].chunk];
        s[me].does = UNMARK
    }
    sharing = sharing | FENCE_LOCK(me);
    atomic {
        if
        :: MAY_CRASH -> crashes++; stop_session(me); goto next /* started again, it goes on */
        :: CAN_CLAIM(me) -> claim(me)
        fi;
        if
        :: s[me].found == MARKED
        :: else ->
            stop_session(me);
            goto next
        fi
    }
    atomic {
        (TO_RELEASE(me) & LOCKED_BY_OTHERS(me)) == 0 && CAN_WRITE(me);
        s[me].written = TO_RELEASE(me);
        locker[s[me].chunk] = me + 1
    }
    atomic {
        if
        :: MAY_CRASH -> crashes++; stop_session(me); goto next /* started again, it goes on */
        :: MAY_CRASH ->
            leave_orphan(me);
            crashes++;
            stop_session(me);
            goto next
        :: commit(me);
            stop_session(me);
            goto next
        fi
    }
stopped:
    skip
}
#endif

/* Backends that outlive their worker. */
proctype orphans()
{
end:
    do
    :: atomic { s[4].does != 0 -> commit(4); stop_session(4) }
    :: atomic { s[5].does != 0 -> commit(5); stop_session(5) }
    od
}

#ifdef FOREIGN
/* Another program, with the same flag. It waits for row locks as everybody does, and may stop
 * after each step. */
proctype foreign()
{
    byte times;
#ifdef TOUCH
    bit touched;
#endif
end:
    do
    :: atomic {
        times < FOREIGN && (FLAGGED & FOREIGN_ROW) == 0 && (LOCKED & FOREIGN_ROW) == 0 ->
        theirs = FOREIGN_ROW;
        times++
       }
    :: atomic { (theirs & FOREIGN_ROW) != 0 && (LOCKED & FOREIGN_ROW) == 0 -> theirs = 0 }
#ifdef TOUCH
    :: atomic { !touched && (fresh & FOREIGN_ROW) != 0 && (LOCKED & FOREIGN_ROW) == 0 ->
            touched = 1; fresh = fresh & ~FOREIGN_ROW }
#endif
    od
}
#endif

init
{
    atomic {
        tile[0] = 3;
        tile[1] = 4;
#ifdef SPLIT
        tile[2] = 0;
        tile[3] = 0;
#endif
        state[0] = PLANNED;
        state[1] = PLANNED;
        run worker(0, 1);
        run worker(1, 1);
#ifdef ABANDON
        run abandon(2);
#else
        run worker(2, 2);
        run worker(3, 2);
#endif
        run manager();
        run orphans();
#ifdef FOREIGN
        run foreign()
#else
        skip
#endif
    }
}
