/* Reads the job file and its SQL files. Does not interpret their text. */
#include "core/job/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

enum { FILE_BYTES_MAX = 1 << 20 };

/* Stops once there is more than is allowed, which check() then refuses. */
static int read_all(int file, const char *path, struct text *out, struct error *err)
{
    char block[16384];

    while (out->bytes <= FILE_BYTES_MAX) {
        ssize_t bytes = read(file, block, sizeof block);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            return error_set(err, ERROR_CONFIG, "%s: %s", path, strerror(errno));
        if (bytes == 0)
            break;
        text_add_bytes(out, block, (size_t)bytes);
    }
    return 0;
}

static int check(const char *path, const struct text *text, struct error *err)
{
    const char *s = text_string(text);
    int line = 1;

    if (text->bytes == 0)
        return error_set(err, ERROR_CONFIG, "%s: the file is empty", path);
    if (text->bytes > FILE_BYTES_MAX)
        return error_set(err, ERROR_CONFIG, "%s: the file is larger than 1 MiB", path);
    for (size_t at = 0; at < text->bytes; at += utf8_sequence_bytes(s + at)) {
        line += s[at] == '\n';
        if (s[at] == '\0' || utf8_sequence_bytes(s + at) == 0)
            return error_set(err, ERROR_CONFIG, "%s:%d: %s; try iconv, the file must be UTF-8 text",
                             path, line, s[at] == '\0' ? "a NUL byte" : "bytes that are not UTF-8");
    }
    return 0;
}

int config_files_read(const char *path, struct text *out, struct error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    struct text all = TEXT_INIT;
    struct stat facts;
    int rc = -1;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (file < 0 || fstat(file, &facts) != 0) {
        error_set(err, ERROR_CONFIG, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(facts.st_mode)) {
        error_set(err, ERROR_CONFIG, "%s: not a regular file", path);
        goto out;
    }
    if (read_all(file, path, &all, err) != 0 || check(path, &all, err) != 0)
        goto out;
    const char *text = text_string(&all);
    text_add(out, strncmp(text, mark, sizeof mark - 1) == 0 ? text + sizeof mark - 1 : text);
    rc = 0;
out:
    if (file >= 0)
        close(file);
    text_free(&all);
    return rc;
}

void config_files_beside(const char *job_path, const char *name, struct text *out)
{
    const char *slash = strrchr(job_path, '/');

    if (*name != '/' && slash != NULL)
        text_add_bytes(out, job_path, (size_t)(slash - job_path) + 1);
    text_add(out, name);
}
