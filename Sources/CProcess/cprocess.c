#define _GNU_SOURCE
#include "cprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long long cprocess_wall_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static double cpu_seconds(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec * 1e-6 + usage.ru_stime.tv_sec +
           usage.ru_stime.tv_usec * 1e-6;
}

double cprocess_cpu_seconds(void) { return cpu_seconds(RUSAGE_SELF); }

double cprocess_children_cpu_seconds(void) { return cpu_seconds(RUSAGE_CHILDREN); }

int cprocess_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int cprocess_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

// In the new process, where only calls that are safe in a signal's handler may be made.
static void become(const char *path, char *const arguments[], char *const environment[],
                   int output, int report, pid_t parent) {
    enum { first_other = 4 };
    sigset_t none;
    sigemptyset(&none);
    // A parent that ended before this took effect is not noticed by the system.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent) _exit(1);
    setpgid(0, 0);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, 0);
    // Out of the way of 0 to 3 first.
    int out = fcntl(output, F_DUPFD, first_other), say = fcntl(report, F_DUPFD, first_other);
    int in = open("/dev/null", O_RDONLY);
    if (out >= 0 && say >= 0 && in >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 &&
        dup2(out, 2) == 2 && dup3(say, 3, O_CLOEXEC) == 3 &&
        close_range(first_other, ~0U, 0) == 0) {
        say = 3;
        execve(path, arguments, environment);
    }
    int error = errno;
    (void)!write(say >= 0 ? say : report, &error, sizeof error);
    _exit(127);
}

int cprocess_start(const char *path, char *const arguments[], char *const environment[],
                   int output) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    // No handler of this process may run in the child.
    sigset_t all, former_mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former_mask);
    pid_t child = _Fork();
    if (child == 0) become(path, arguments, environment, output, report[1], parent);
    int status = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &former_mask, 0);
    close(report[1]);
    if (child > 0) {
        // Nothing comes when the program has been started.
        ssize_t count;
        do count = read(report[0], &status, sizeof status);
        while (count < 0 && errno == EINTR);
        if (count != sizeof status) status = 0;
        if (status != 0)
            while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
    }
    close(report[0]);
    return status == 0 ? child : -status;
}

int cprocess_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

int cprocess_watch(int process) { return pidfd_open(process, 0); }

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

// Runs before any runtime opens a file of its own: what it opened as 1 would get what is printed.
__attribute__((constructor)) static void keep_standard_descriptors(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0) (void)!open("/dev/null", O_RDONLY);
}

static const int traps[] = {SIGILL, SIGTRAP, SIGABRT};
enum { trap_count = sizeof traps / sizeof traps[0] };
static struct sigaction former[trap_count];
static char open_files_sentence[512];

// Only calls that are safe in a signal's handler.
static void explain_open_files(int number) {
    int copy = fcntl(2, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 && errno == EMFILE) {
        (void)!write(2, open_files_sentence, strlen(open_files_sentence));
        _exit(1);
    }
    if (copy >= 0) close(copy);
    for (int i = 0; i < trap_count; i++)
        if (traps[i] == number) sigaction(number, &former[i], 0);
    // Delivered on return: a signal that another process sent would not come again by itself.
    raise(number);
}

void cprocess_explain_open_files(const char *sentence) {
    if (open_files_sentence[0]) return;
    strncpy(open_files_sentence, sentence, sizeof open_files_sentence - 1);
    for (int i = 0; i < trap_count; i++) {
        struct sigaction action = {.sa_handler = explain_open_files, .sa_flags = SA_ONSTACK};
        sigaction(traps[i], &action, &former[i]);
    }
}
