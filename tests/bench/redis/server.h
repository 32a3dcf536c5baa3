/*
 * server.h -- what the programs that talk to Redis share.
 */
#ifndef SERVER_H
#define SERVER_H

#include <hiredis/hiredis.h>

/* Say it and exit (69). */
_Noreturn void die(const char *what, const char *why);

/* Connect to the server at a socket. */
redisContext *server_open(const char *socket);

/* The next answer; the caller frees it. */
redisReply *server_answer(redisContext *server, const char *what);

/* Give the server the script in a file; the answer holds the name that it has there. */
redisReply *server_load(redisContext *server, const char *path);

#endif
