/* System calls that Swift's Glibc module does not have. */
#ifndef CPROCESS_H
#define CPROCESS_H

/* Has the system end this process with SIGKILL when the thread that started it ends.
   Returns 0, or -1 where the system refuses. */
int cprocess_end_with_parent(void);

/* Returns the number of processors this process may run on, at least 1. */
int cprocess_processors(void);

/* Limits the private writable memory of a process, by its id; 0 for this one. Returns 0, or -1
   where the system refuses. */
int cprocess_limit_data(int process, unsigned long bytes);

#endif
