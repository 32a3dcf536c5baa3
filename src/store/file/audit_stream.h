/*
 * audit_stream.h -- one stream while an audit reads it: audit_streams.c, audit_products.c.
 */
#ifndef AUDIT_STREAM_H
#define AUDIT_STREAM_H

#include "store/file/audit_file.h"

/* What one stream tells of a request. */
struct sighting {
    unsigned types;             /* of its events, a set */
    uint64_t quantity, line;    /* of its outcome */
    uint64_t result;            /* that this outcome makes */
    int64_t time;
    bool taken_back;
};

struct reading {
    struct audit *audit;
    struct stream *stream;
    const char *name;           /* of the file, within the store */
    struct requests requests;
    struct sighting *sightings; /* by number */
    size_t room;
    struct buffer line;
    struct replay_reader reader;
};

#define TELL(reading, promise, number, format, ...)                                                   \
    audit_tell(&(reading)->stream->told, (promise), "%s:%llu: " format,                               \
               store_path((reading)->audit->store, (reading)->name), (unsigned long long)(number), __VA_ARGS__)

/* From where the mark left it to its end; what is wrong with the file is told.  STATUS_IO. */
int stream_read(struct reading *reading, replay_visit *visit, struct fault *why);

/*
 * In a visit: is the event's request one that was settled when the mark was made?  Then its
 * events up to there are known, and one behind that makes us read everything.
 */
bool stream_settled(struct reading *reading, const struct replay *replay, const struct request *request);

#endif
