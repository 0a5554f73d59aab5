/* Temporary name, write, fsync, link: a reader never sees half a report, and an existing file is
 * an error, never overwritten. */
#include "run/report/report_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { NAMES_TRIED = 100 };

static int refuse_existing(const char *path, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s exists already; try another name", path);
}

/* The folder of path with its slash, "" for the current one. */
static void add_folder(struct text *out, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash != NULL)
        text_add_bytes(out, path, (size_t)(slash - path) + 1);
}

static int open_temporary(const char *path, struct text *name, struct error *err)
{
    int file = -1;

    /* The folder may be shared by hosts, on which process numbers repeat: a name that is taken is
     * left alone.
     */
    for (int number = 0; file < 0 && number < NAMES_TRIED; number++) {
        text_clear(name);
        add_folder(name, path);
        text_format(name, ".chunkmill-report.%ld.%d.tmp", (long)getpid(), number);
        file = open(text_string(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST)
            break;
    }
    if (file < 0)
        return error_set(err, ERROR_CONFIG, "can't write %s: %s; try another folder", path,
                         strerror(errno));
    return file;
}

static int write_all(int file, const char *bytes)
{
    size_t left = strlen(bytes);

    while (left > 0) {
        ssize_t written = write(file, bytes, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        left -= (size_t)written;
    }
    return fsync(file);
}

/* Some file systems have no hard links. The name is then taken by an empty file, which only one of
 * two writers can make, and renamed over. */
static int rename_exclusively(const char *temporary, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (file < 0)
        return -1;
    close(file);
    if (rename(temporary, path) == 0)
        return 0;
    int saved = errno;
    unlink(path);
    errno = saved;
    return -1;
}

static bool lacks_links(int number)
{
    return number == EPERM || number == EOPNOTSUPP || number == ENOSYS || number == EMLINK;
}

static int give_name(const char *temporary, const char *path)
{
    if (link(temporary, path) == 0)
        return 0;
    return lacks_links(errno) ? rename_exclusively(temporary, path) : -1;
}

/* The name is as safe as the bytes only when its folder is synced; not every file system can. */
static void sync_folder(const char *path)
{
    struct text folder = TEXT_INIT;

    add_folder(&folder, path);
    if (folder.bytes == 0)
        text_add(&folder, ".");
    int file = open(text_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    text_free(&folder);
}

int report_file_write(const char *path, const char *bytes, struct error *err)
{
    struct text temporary = TEXT_INIT;
    int rc = -1;

    int file = open_temporary(path, &temporary, err);
    if (file < 0)
        goto out;
    int failed = write_all(file, bytes);
    int number = errno;
    if (close(file) != 0 && failed == 0) {
        failed = -1;
        number = errno;
    }
    if (failed != 0) {
        error_set(err, ERROR_FATAL, "writing %s: %s", path, strerror(number));
        goto out;
    }
    if (give_name(text_string(&temporary), path) != 0) {
        if (errno == EEXIST)
            refuse_existing(path, err);
        else
            error_set(err, ERROR_FATAL, "naming %s: %s", path, strerror(errno));
        goto out;
    }
    sync_folder(path);
    rc = 0;
out:
    if (file >= 0)
        unlink(text_string(&temporary));
    text_free(&temporary);
    return rc;
}

static void make_plain(char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    for (s += strspn(s, plain); *s != '\0'; s += strspn(s, plain))
        *s = '_';
}

void report_file_default_path(char *path, size_t bytes, const char *job, const char *label,
                              int attempt)
{
    /* make_plain leaves dots alone, and may not touch the slash of "./". */
    int folder = snprintf(path, bytes, "./");

    assert(bytes > (size_t)folder);
    snprintf(path + folder, bytes - (size_t)folder, "%s.%s.a%d.report.json", job, label, attempt);
    make_plain(path + folder);
}
