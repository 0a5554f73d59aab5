"""The old system's way, written anew: a plan of key lists, made greedily; for each chunk a mark, an update and a release in transactions of
their own, with a filter of key tuples up to 100 keys, and of a date range and a list of SSNs above, which takes neighbours' rows, too.
old.py UPDATE_FILE PROCESSES SCOPE [PLAN_FILE]; prints the number of chunks, and how often one was tried again after a deadlock.
With PLAN_FILE as the old system had it: the plan goes into a file, and each chunk is a call that knows its number alone: it reads the file, looks
for its keys, and has a connection of its own. Without it what is done once could not be done less often: keys and connections are kept."""
import json
import multiprocessing
import os
import sys

import psycopg2
from psycopg2 import errors

TABLE = "conflict.conflictvisitmaps"
CHUNK_ROWS, CHUNK_KEYS, TUPLES = 10000, 1000, 100


def read_distribution(scope):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute(f"""SELECT t."VisitDate"::date, t."SSN", count(*) FROM {TABLE} AS t WHERE {scope}
            GROUP BY 1, 2 ORDER BY 1, 2""")
        return cursor.fetchall()


def pack(distribution):
    keys, rows = [], 0
    for day, ssn, count in distribution:
        if keys and (rows + count > CHUNK_ROWS or len(keys) == CHUNK_KEYS):
            yield keys
            keys, rows = [], 0
        keys.append((day, ssn))
        rows += count
    if keys:
        yield keys


def keys_filter(cursor, keys):
    if len(keys) <= TUPLES:
        return cursor.mogrify('(t."VisitDate"::date, t."SSN") IN %s', (tuple(keys),)).decode()
    return cursor.mogrify('t."VisitDate"::date BETWEEN %s AND %s AND t."SSN" IN %s',
                          (keys[0][0], keys[-1][0], tuple(sorted({ssn for _, ssn in keys})))).decode()


def write_plan(plan_file, chunks):
    plan = [{"chunk_id": number, "keys": [{"date": str(day), "ssn": ssn} for day, ssn in keys]} for number, keys in enumerate(chunks)]
    with open(os.open(plan_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(plan, file)


def begin(update_file):
    global connection, update
    connection = psycopg2.connect("")
    with open(update_file, encoding="utf-8") as file:
        update = file.read()


def try_chunk(keys):
    with connection.cursor() as cursor:
        where = f't."CONFLICTID" IS NOT NULL AND {keys_filter(cursor, keys)}'
        cursor.execute(f'UPDATE {TABLE} AS t SET "UpdateFlag" = 1 WHERE {where} AND (t."UpdateFlag" IS NULL OR t."UpdateFlag" <> 1)')
        connection.commit()
        cursor.execute(update.replace("{chunk_filter}", where))
        connection.commit()
        cursor.execute(f'UPDATE {TABLE} AS t SET "UpdateFlag" = NULL WHERE {where} AND t."UpdateFlag" = 1')
        connection.commit()


def do_chunk(keys):
    """Returns how often the chunk was tried again: neighbours that share rows run into deadlocks, and the old system began them anew."""
    again = 0
    while True:
        try:
            try_chunk(keys)
            return again
        except errors.DeadlockDetected:
            connection.rollback()
            again += 1


def call_chunk(call):
    update_file, plan_file, number = call
    with open(plan_file, encoding="utf-8") as file:
        keys = next(chunk["keys"] for chunk in json.load(file) if chunk["chunk_id"] == number)
    begin(update_file)
    again = do_chunk([(key["date"], key["ssn"]) for key in keys])
    connection.close()
    return again


def main():
    update_file, processes, scope, *plan_file = sys.argv[1:]
    chunks = list(pack(read_distribution(scope)))
    if plan_file:
        write_plan(plan_file[0], chunks)
        with multiprocessing.Pool(int(processes)) as pool:
            again = sum(pool.imap_unordered(call_chunk, [(update_file, plan_file[0], number) for number in range(len(chunks))]))
        os.remove(plan_file[0])
    else:
        with multiprocessing.Pool(int(processes), begin, (update_file,)) as pool:
            again = sum(pool.imap_unordered(do_chunk, chunks))
    print(len(chunks), again)


main()
