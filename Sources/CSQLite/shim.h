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

/* The error that the system gave for the last write to the database or to its log that failed; 0 for
   none. sqlite3_system_errno does not know it of a COMMIT that fails (seen in 3.40.1). */
static inline int valgrid_write_errno(sqlite3 *db) {
    static const int files[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
    for (int i = 0; i < 2; i++) {
        sqlite3_file *file = 0;
        int number = 0;
        if (sqlite3_file_control(db, "main", files[i], &file) == SQLITE_OK && file &&
            file->pMethods &&
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK &&
            number != 0)
            return number;
    }
    return 0;
}

#endif
