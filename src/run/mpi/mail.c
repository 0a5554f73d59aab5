/* Sends under way are in a list; each call frees those that MPI has completed. */
#include "run/mpi/mail.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "base/memory.h"

struct letter {
    MPI_Request request;
    char *body;
};

struct mail {
    const struct comm *comm;
    struct letter *letters;
    int count, capacity;
};

struct mail *mail_new(const struct comm *comm)
{
    struct mail *mail = memory_zero(1, sizeof *mail);

    mail->comm = comm;
    return mail;
}

void mail_free(struct mail *mail)
{
    if (mail == NULL)
        return;
    assert(mail->count == 0);
    free(mail->letters);
    free(mail);
}

/* Takes those that are through out of the list. */
static void sweep(struct mail *mail)
{
    int kept = 0;

    for (int i = 0; i < mail->count; i++) {
        int is_through = 0;
        MPI_Test(&mail->letters[i].request, &is_through, MPI_STATUS_IGNORE);
        if (is_through)
            free(mail->letters[i].body);
        else
            mail->letters[kept++] = mail->letters[i];
    }
    mail->count = kept;
}

void mail_send(struct mail *mail, int rank, enum mail_kind kind, struct text *body)
{
    size_t bytes = body == NULL ? 0 : body->bytes;

    assert(bytes <= INT_MAX); /* a message's length is a uint32_t, a chunk's keys are max_keys */
    sweep(mail);
    if (mail->count == mail->capacity) {
        mail->capacity = mail->capacity == 0 ? 16 : mail->capacity * 2;
        mail->letters = memory_grow(mail->letters, (size_t)mail->capacity, sizeof *mail->letters);
    }
    struct letter *letter = &mail->letters[mail->count++];
    letter->body = bytes == 0 ? NULL : text_take(body);
    MPI_Isend(letter->body, (int)bytes, MPI_BYTE, rank, (int)kind, mail->comm->handle,
              &letter->request);
}

int mail_receive(struct mail *mail, int *rank, enum mail_kind *kind, struct text *body, bool *got,
                 struct error *err)
{
    MPI_Message message;
    MPI_Status status;
    MPI_Request request;
    int is_there = 0, bytes = 0;

    *got = false;
    text_clear(body);
    sweep(mail);
    MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, mail->comm->handle, &is_there, &message, &status);
    if (!is_there)
        return 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    char *buffer = memory_zero((size_t)bytes + 1, 1);
    MPI_Imrecv(buffer, bytes, MPI_BYTE, &message, &request);
    if (comm_wait(&request, err) != 0)
        return -1; /* the buffer is MPI's, and the process is about to end */
    text_add_bytes(body, buffer, (size_t)bytes);
    free(buffer);
    *rank = status.MPI_SOURCE;
    *kind = (enum mail_kind)status.MPI_TAG;
    *got = true;
    return 0;
}

int mail_flush(struct mail *mail, struct error *err)
{
    while (mail->count > 0) {
        if (comm_wait(&mail->letters[0].request, err) != 0)
            return -1;
        sweep(mail);
    }
    return 0;
}
