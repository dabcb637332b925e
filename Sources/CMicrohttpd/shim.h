#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

/* Swift imports no variadic function, so what valgrid needs of them is fixed here. */

/// What a daemon is started with.
struct httpd_settings {
    int listen_socket;
    unsigned int connection_limit;
    /// Connections of one address; 0 for no limit.
    unsigned int address_limit;
    unsigned int timeout_seconds;
    size_t stack_bytes;
    /// Bytes a connection may use for a request's head and a part of its body.
    size_t pool_bytes;
    /// PEM; NULL for plain HTTP.
    const char *certificate;
    const char *key;
    MHD_AccessHandlerCallback handler;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connected;
    void *context;
};

/// Starts a daemon with a thread a connection on a socket that listens already; NULL on failure.
static inline struct MHD_Daemon *httpd_start(const struct httpd_settings *s)
{
    unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD
        | MHD_USE_POLL | MHD_USE_ITC;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *) s->certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *) s->key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0,
          (void *) "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3" },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };
    int is_tls = s->certificate != NULL;
    return MHD_start_daemon(
        is_tls ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, s->handler, s->context,
        MHD_OPTION_LISTEN_SOCKET, s->listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, s->connection_limit,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->address_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, s->timeout_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->pool_bytes,
        MHD_OPTION_THREAD_STACK_SIZE, s->stack_bytes,
        MHD_OPTION_NOTIFY_COMPLETED, s->completed, s->context,
        MHD_OPTION_NOTIFY_CONNECTION, s->connected, s->context,
        MHD_OPTION_ARRAY, is_tls ? tls : plain,
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

/// Whether a notification tells of a new connection, rather than of a closed one.
static inline int httpd_has_started(enum MHD_ConnectionNotificationCode code)
{
    return code == MHD_CONNECTION_NOTIFY_STARTED;
}

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

/// The address of a connection's peer; NULL when it is not known.
static inline const struct sockaddr *httpd_peer(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/// The socket of a connection; -1 when it is not known.
static inline int httpd_socket(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// The context that the connection's notification left; NULL for none.
static inline void *httpd_connection_context(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// How many connections a daemon has.
static inline unsigned int httpd_connections(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

/// A response whose body is a copy of these bytes; NULL when memory is short.
static inline struct MHD_Response *httpd_response(const void *bytes, size_t count)
{
    return MHD_create_response_from_buffer(count, (void *) bytes, MHD_RESPMEM_MUST_COPY);
}

/// A response of unknown length whose body a reader gives; NULL when memory is short.
static inline struct MHD_Response *httpd_stream(
    MHD_ContentReaderCallback reader, void *context, MHD_ContentReaderFreeCallback done)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 << 10, reader, context, done);
}

/// What a reader returns at the end of a body.
static inline ssize_t httpd_end(void) { return MHD_CONTENT_READER_END_OF_STREAM; }

/// What a reader returns where a body breaks off.
static inline ssize_t httpd_failure(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }

#endif
