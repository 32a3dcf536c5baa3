/* status.h -- the exit statuses of every command (numbers of sysexits.h). */
#ifndef STATUS_H
#define STATUS_H

enum status {
    STATUS_DONE = 0,
    STATUS_NO = 1,              /* a well-formed no */
    STATUS_USAGE = 64,
    STATUS_DATA = 65,           /* some input could not be processed, or damage was found */
    STATUS_NO_INPUT = 66,       /* no such input or store */
    STATUS_UNAVAILABLE = 69,    /* a service needed is not reachable */
    STATUS_CANNOT_CREATE = 73,  /* cannot create a file, or a journal is full */
    STATUS_IO = 74,             /* reading, writing or syncing failed */
    STATUS_NOT_YET = 75,        /* no result within the time given */
};

#endif
