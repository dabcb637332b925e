#ifndef VALGRID_CSQLITE_SHIM_H
#define VALGRID_CSQLITE_SHIM_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies what is bound. */
static inline int valgrid_bind_text(sqlite3_stmt *statement, int column, const char *text, int count) {
    return sqlite3_bind_text(statement, column, count == 0 ? "" : text, count, SQLITE_TRANSIENT);
}

static inline int valgrid_bind_blob(sqlite3_stmt *statement, int column, const void *bytes, int count) {
    return count == 0 ? sqlite3_bind_zeroblob(statement, column, 0)
                      : sqlite3_bind_blob(statement, column, bytes, count, SQLITE_TRANSIENT);
}

#endif
