/* System calls that Swift's Glibc module does not have. */
#ifndef CPROCESS_H
#define CPROCESS_H

/* Microseconds since 1970-01-01 UTC. */
long long cprocess_wall_microseconds(void);

/* CPU time, user and system together, in seconds: of this process, or of its children that have
   ended and were waited for. */
double cprocess_cpu_seconds(void);
double cprocess_children_cpu_seconds(void);

/* Has a process that posix_spawn starts close all its descriptors from `first` on. `actions` is a
   posix_spawn_file_actions_t. Returns 0 or the error's number. */
int cprocess_close_from(void *actions, int first);

/* Has the system end this process with SIGKILL when the thread that started it ends.
   Returns 0, or -1 where the system refuses. */
int cprocess_end_with_parent(void);

/* Starts a program in a process group of its own, with nothing to read, `output` as its standard
   output and error, and no other descriptor. The system ends it with SIGKILL when the thread that
   called this ends. `arguments` and `environment` end with a null pointer.
   Returns the process id, or the negative number of the error. */
int cprocess_start(const char *path, char *const arguments[], char *const environment[],
                   int output);

/* Makes a pipe that no program inherits; reading from it does not wait. Returns 0 or the error's
   number. */
int cprocess_pipe(int ends[2]);

/* A descriptor that can be read when a child has ended; -1 where the system refuses. */
int cprocess_watch(int process);

/// From here on, a trap or an abort in a process that may open no more files writes this sentence
/// to standard error and ends the process with 1. Other traps go to whom they went before.
/// @param sentence with its line feed; copied. Only the first counts.
void cprocess_explain_open_files(const char *sentence);

/* Returns the number of processors this process may run on, at least 1. */
int cprocess_processors(void);

/* Limits the private writable memory of a process, by its id; 0 for this one. Returns 0, or -1
   where the system refuses. */
int cprocess_limit_data(int process, unsigned long bytes);

#endif
