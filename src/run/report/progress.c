/* Formats the line, and knows when it is due. State: what is shown now, and samples of the last
 * seconds for the rate. */
#include "run/report/progress.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "base/text.h"
#include "core/plan/chunk.h"

#define IN_PLACE_NS (NS_PER_S / 5)
#define SOON_NS     (2 * NS_PER_S) /* between lines, during the first LATER_NS */
#define LATER_NS    (10 * NS_PER_S)
#define SAMPLE_NS   NS_PER_S

enum { SAMPLES = 11 };

struct sample {
    int64_t at_ns, rows;
};

static struct {
    bool is_open;
    bool is_in_place; /* an unended line stands on the terminal */
    int64_t begin_ns, due_ns;
    int64_t chunks, rows; /* of the run, as the work found it */
    int64_t known_first;  /* chunks of this attempt as the work began; -1: not told yet */
    int64_t known_rows;   /* their rows */
    bool is_growing;      /* the plan is not complete yet, so the total is not known */
    int64_t chunks_before, rows_before, failed_before;
    struct sample samples[SAMPLES]; /* a ring */
    int64_t sample_count;
} shown;

/* Open MPI gives ranks a pty of no size even when their output goes to a file. */
static int terminal_columns(void)
{
    struct winsize size = {0};

    if (isatty(STDERR_FILENO) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static void write_all(const char *bytes, size_t count)
{
    if (write(STDERR_FILENO, bytes, count) < 0) {
        /* there is no way to report it */
    }
}

static void end_line(void)
{
    if (!shown.is_in_place)
        return;
    shown.is_in_place = false;
    write_all("\n", 1);
}

static void begin(void)
{
    shown.begin_ns = clock_now_ns();
    shown.due_ns = shown.begin_ns;
    shown.sample_count = 0;
}

void progress_open(void)
{
    memset(&shown, 0, sizeof shown);
    shown.is_open = true;
    log_before_line(end_line);
    begin();
}

/* Whether a line is due now; then the next one's time is set, and *columns is the terminal's width
 * or 0. */
static bool is_due(int64_t now_ns, int *columns)
{
    if (!shown.is_open || log_level_now() < LOG_INFO || now_ns < shown.due_ns)
        return false;
    *columns = terminal_columns();
    if (*columns > 0)
        shown.due_ns = now_ns + IN_PLACE_NS;
    else
        shown.due_ns = now_ns + (now_ns - shown.begin_ns < LATER_NS ? SOON_NS : LATER_NS);
    return true;
}

static void show(const struct text *line, int columns)
{
    struct text out = TEXT_INIT;

    if (columns == 0) {
        log_info("%s", text_string(line));
        return;
    }
    /* ASCII throughout; a line that wraps could not be overwritten */
    size_t capacity = columns > 1 ? (size_t)columns - 1 : 1;
    text_add(&out, "\r");
    text_add_bytes(&out, text_string(line), line->bytes < capacity ? line->bytes : capacity);
    text_add(&out, "\033[K");
    write_all(text_string(&out), out.bytes);
    shown.is_in_place = true;
    text_free(&out);
}

void progress_plan(int64_t keys, int64_t rows)
{
    struct text line = TEXT_INIT;
    int columns = 0;

    if (rows == 0 || shown.is_growing || !is_due(clock_now_ns(), &columns))
        return;
    text_add(&line, "planning: ");
    if (keys != CHUNK_KEYS_UNCOUNTED)
        text_format(&line, "%s, ", human_count(keys, "key").text);
    text_format(&line, "%s so far", human_count(rows, "row").text);
    show(&line, columns);
    text_free(&line);
}

void progress_begin(const struct report_ledger *before, bool is_growing)
{
    begin();
    shown.due_ns += terminal_columns() > 0 ? 0 : SOON_NS;
    shown.chunks = before->chunks;
    shown.known_first = -1;
    shown.is_growing = is_growing;
    shown.rows = before->rows_planned;
    shown.chunks_before = before->chunks_done;
    shown.failed_before = before->chunks_failed;
    shown.rows_before = before->rows_planned - before->rows_failed - before->rows_left;
}

void progress_planned(void)
{
    shown.is_growing = false;
}

/* Rows a second over the last ten seconds or so; 0 while nothing can be said. */
static double rate(int64_t now_ns, int64_t rows)
{
    int64_t last = shown.sample_count - 1;

    if (last < 0 || now_ns - shown.samples[last % SAMPLES].at_ns >= SAMPLE_NS) {
        shown.samples[shown.sample_count % SAMPLES] = (struct sample){now_ns, rows};
        shown.sample_count++;
    }
    int64_t first = shown.sample_count > SAMPLES ? shown.sample_count - SAMPLES : 0;
    const struct sample *oldest = &shown.samples[first % SAMPLES];
    if (now_ns <= oldest->at_ns)
        return 0;
    return (double)(rows - oldest->rows) * (double)NS_PER_S / (double)(now_ns - oldest->at_ns);
}

/* How much of it there is, as far as that is known. */
static void add_share(struct text *line, int64_t rows, int64_t rows_all, double rows_per_second)
{
    if (rows_all > 0 && !shown.is_growing)
        text_format(line, "%d%%, ", (int)(rows * 100 / rows_all));
    text_format(line, "%s", human_count(rows, "row").text);
    if (shown.is_growing)
        text_format(line, " of %s planned so far", human_number(rows_all).text);
    if (rows_per_second <= 0)
        return;
    text_format(line, ", %s rows/s", human_number((int64_t)rows_per_second).text);
    if (shown.is_growing)
        return;
    double left_s = (double)(rows_all - rows) / rows_per_second;
    text_format(line, ", %s left", human_duration((int64_t)(left_s * (double)NS_PER_S)).text);
}

void progress_work(const struct dispatch_counts *counts)
{
    struct text line = TEXT_INIT;
    int64_t now_ns = clock_now_ns();
    int64_t rows = shown.rows_before + counts->rows_done;
    int64_t failed = shown.failed_before + counts->failed;
    int64_t known = counts->waiting + counts->handed + counts->done + counts->failed;
    double rows_per_second = rate(now_ns, rows);
    int columns = 0;

    if (shown.known_first < 0) {
        shown.known_first = known;
        shown.known_rows = counts->rows_total;
    }
    if (!is_due(now_ns, &columns))
        return;
    /* splits make more chunks, the plan that goes on more rows, too */
    text_format(&line, "%s of %s, ", human_number(shown.chunks_before + counts->done).text,
                human_count(shown.chunks + known - shown.known_first, "chunk").text);
    add_share(&line, rows, shown.rows + counts->rows_total - shown.known_rows, rows_per_second);
    if (failed > 0)
        text_format(&line, ", %s failed", human_number(failed).text);
    show(&line, columns);
    text_free(&line);
}

void progress_end(void)
{
    end_line();
    shown.is_open = false;
    log_before_line(NULL);
}
