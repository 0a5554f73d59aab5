/* Appends a line and syncs it. The next start cuts off a line that a kill has left incomplete. */
#include "run/bench/bench_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/bench/bench_state.h"
#include "run/report/report_file.h"

static int fail(const struct bench_store *store, const char *what, struct error *err)
{
    return error_set(err, ERROR_FATAL, "%s %s: %s", what, store->path, strerror(errno));
}

static int read_all(const struct bench_store *store, struct text *text, struct error *err)
{
    char block[65536];
    ssize_t bytes;

    while ((bytes = read(store->file, block, sizeof block)) > 0)
        text_add_bytes(text, block, (size_t)bytes);
    return bytes < 0 ? fail(store, "reading", err) : 0;
}

static int append(struct bench_store *store, const struct text *line, struct error *err)
{
    size_t done = 0;

    while (done < line->bytes) {
        ssize_t written = write(store->file, line->data + done, line->bytes - done);
        if (written < 0 && errno != EINTR)
            return fail(store, "writing", err);
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(store->file) != 0 ? fail(store, "writing", err) : 0;
}

static int take_over(struct bench_store *store, struct bench_results *results, struct error *err)
{
    struct text text = TEXT_INIT, head = TEXT_INIT;
    size_t whole_bytes = 0;
    int rc = -1;

    if (read_all(store, &text, err) != 0 ||
        bench_state_read(text_string(&text), store->path, results, &whole_bytes, err) != 0)
        goto out;
    if (whole_bytes < text.bytes && ftruncate(store->file, (off_t)whole_bytes) != 0) {
        fail(store, "shortening", err);
        goto out;
    }
    rc = 0;
    if (whole_bytes == 0) {
        bench_state_head(results, &head);
        rc = append(store, &head, err);
    }
out:
    text_free(&text);
    text_free(&head);
    return rc;
}

int bench_store_open(struct bench_store *store, const char *path, const char *job,
                     struct bench_results *results, struct error *err)
{
    if (path != NULL)
        snprintf(store->path, sizeof store->path, "%s", path);
    else
        snprintf(store->path, sizeof store->path, "./%s.bench.state.jsonl", job);
    store->file = open(store->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (store->file < 0)
        return error_set(err, ERROR_CONFIG, "%s: %s; try --state in another folder", store->path,
                         strerror(errno));
    if (flock(store->file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(err, ERROR_LIVE, "%s: another bench is at work with it", store->path);
    return take_over(store, results, err);
}

int bench_store_add(struct bench_store *store, const struct bench_results *results, int cell,
                    int number, struct error *err)
{
    struct text line = TEXT_INIT;

    bench_state_line(results, cell, number, &line);
    int rc = append(store, &line, err);
    text_free(&line);
    return rc;
}

void bench_store_close(struct bench_store *store)
{
    if (store->file >= 0)
        close(store->file);
    store->file = -1;
}

static bool is_file(const char *path)
{
    return path != NULL && strcmp(path, "-") != 0;
}

int bench_store_check(const char *option, const char *path, struct error *err)
{
    char folder[512];

    if (!is_file(path))
        return 0;
    if (access(path, F_OK) == 0)
        return error_set(err, ERROR_CONFIG, "%s %s: the file exists; try another name", option,
                         path);
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
    if (access(folder, W_OK) != 0)
        return error_set(err, ERROR_CONFIG, "%s %s: %s; try another folder", option, path,
                         strerror(errno));
    return 0;
}

int bench_store_print(const char *path, const char *text, struct error *err)
{
    if (is_file(path))
        return report_file_write(path, text, err);
    fputs(text, stdout);
    fflush(stdout);
    return 0;
}
