"""The old system, written anew. Its plan is made greedily of lists of keys. Each chunk is a mark,
an update and a release in transactions of their own. Their filter has up to 100 key tuples, or
above that a date range and a list of SSNs, which takes rows of neighbouring chunks, too.

old.py UPDATE_FILE PROCESSES SCOPE [PLAN_FILE]
prints the number of chunks, and how often one was tried again after a deadlock.

With PLAN_FILE it works as the old system did: the plan goes into a file, and each chunk is a call
that knows only its number; it reads the file, looks for its keys, and has a connection of its own.
Without it, keys and connections are kept."""
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
        cursor.execute(f"""SELECT t."VisitDate"::date, t."SSN", count(*)
            FROM {TABLE} AS t WHERE {scope}
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
    ssns = tuple(sorted({ssn for _, ssn in keys}))
    return cursor.mogrify('t."VisitDate"::date BETWEEN %s AND %s AND t."SSN" IN %s',
                          (keys[0][0], keys[-1][0], ssns)).decode()


def write_plan(plan_file, chunks):
    plan = [
        {"chunk_id": number, "keys": [{"date": str(day), "ssn": ssn} for day, ssn in keys]}
        for number, keys in enumerate(chunks)
    ]
    private = os.open(plan_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(private, "w", encoding="utf-8") as file:
        json.dump(plan, file)


def begin(update_file):
    global connection, update
    connection = psycopg2.connect("")
    with open(update_file, encoding="utf-8") as file:
        update = file.read()


def try_chunk(keys):
    with connection.cursor() as cursor:
        where = f't."CONFLICTID" IS NOT NULL AND {keys_filter(cursor, keys)}'
        cursor.execute(f'''UPDATE {TABLE} AS t SET "UpdateFlag" = 1
            WHERE {where} AND (t."UpdateFlag" IS NULL OR t."UpdateFlag" <> 1)''')
        connection.commit()
        cursor.execute(update.replace("{chunk_filter}", where))
        connection.commit()
        cursor.execute(f'''UPDATE {TABLE} AS t SET "UpdateFlag" = NULL
            WHERE {where} AND t."UpdateFlag" = 1''')
        connection.commit()


def do_chunk(keys):
    """Returns how often the chunk was tried again. Neighbours that share rows run into deadlocks,
    and the old system began them anew."""
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
            calls = [(update_file, plan_file[0], number) for number in range(len(chunks))]
            again = sum(pool.imap_unordered(call_chunk, calls))
        os.remove(plan_file[0])
    else:
        with multiprocessing.Pool(int(processes), begin, (update_file,)) as pool:
            again = sum(pool.imap_unordered(do_chunk, chunks))
    print(len(chunks), again)


main()
