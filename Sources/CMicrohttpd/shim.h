#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

/* Swift imports no variadic function, so what valgrid needs of them is fixed here. */

/// Starts a daemon with a thread a connection on a socket that listens already; NULL on failure.
static inline struct MHD_Daemon *httpd_start(
    int listen_socket, unsigned int connection_limit, unsigned int timeout_seconds,
    size_t stack_bytes, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context)
{
    return MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL
            | MHD_USE_ITC,
        0, NULL, NULL, handler, context,
        MHD_OPTION_LISTEN_SOCKET, listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
        MHD_OPTION_THREAD_STACK_SIZE, stack_bytes,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_END);
}

/// Restarts the count to a connection's timeout: time spent in a handler is not idleness.
static inline void httpd_restart_timeout(
    struct MHD_Connection *connection, unsigned int timeout_seconds)
{
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, timeout_seconds);
}

/* How Swift sees these enumerations differs between versions of the library. */

/// What a callback returns to go on.
static inline enum MHD_Result httpd_yes(void) { return MHD_YES; }

/// What a callback returns to close the connection.
static inline enum MHD_Result httpd_no(void) { return MHD_NO; }

/// Calls the iterator for every header of a request.
static inline void httpd_headers(
    struct MHD_Connection *connection, MHD_KeyValueIterator iterator, void *context)
{
    MHD_get_connection_values(connection, MHD_HEADER_KIND, iterator, context);
}

/// Calls the iterator for every value of a request's query.
static inline void httpd_query(
    struct MHD_Connection *connection, MHD_KeyValueIterator iterator, void *context)
{
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, iterator, context);
}

/// A response whose body is a copy of these bytes; NULL when memory is short.
static inline struct MHD_Response *httpd_response(const void *bytes, size_t count)
{
    return MHD_create_response_from_buffer(count, (void *) bytes, MHD_RESPMEM_MUST_COPY);
}

#endif
