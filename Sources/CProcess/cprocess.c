#define _GNU_SOURCE
#include "cprocess.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int cprocess_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

int cprocess_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

int cprocess_limit_data(int process, unsigned long bytes) {
    struct rlimit limit = {bytes, bytes};
    return prlimit(process, RLIMIT_DATA, &limit, 0);
}
