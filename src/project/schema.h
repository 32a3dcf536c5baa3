/*
 * schema.h -- the tables of the read models, as evproject(1) documents them.
 *
 * Nothing in them depends on when or in how many runs they were filled: the same journals
 * make the same rows.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#define SCHEMA_APPLICATION 1165381746   /* "EvPr", by which file(1) and we know such a database */
#define SCHEMA_VERSION 1

extern const char schema_tables[];
extern const char schema_indexes[];

#endif
