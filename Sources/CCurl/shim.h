#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <string.h>

/* Swift imports no variadic function, so what valgrid needs of them is fixed here. */

typedef size_t (*curl_bytes)(char *bytes, size_t size, size_t count, void *context);

/// What a transfer is made of; strings live until the transfer's end.
struct curl_call {
    const char *url;
    const char *method;
    struct curl_slist *headers;
    /// PEM of the authorities that are trusted; NULL for the system's.
    const char *authorities;
    /// Bytes that are sent; NULL for none.
    const char *body;
    /// How many bytes are sent; -1 without a body.
    curl_off_t body_bytes;
    /// Gives the body instead; NULL for none.
    curl_bytes send;
    curl_bytes receive;
    curl_bytes header;
    void *context;
    /// Milliseconds until a connection must be there.
    long connect_limit;
    /// Whether no proxy is used.
    int is_direct;
};

static inline CURLcode curl_prepare(CURL *handle, const struct curl_call *call)
{
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    do { if (code == CURLE_OK) code = curl_easy_setopt(handle, option, value); } while (0)
    SET(CURLOPT_URL, call->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_NOSIGNAL, 1L);
    /* The end of a transfer does not wait for a name server that says nothing. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_HTTPHEADER, call->headers);
    SET(CURLOPT_CONNECTTIMEOUT_MS, call->connect_limit);
    if (call->is_direct) SET(CURLOPT_PROXY, "");
    SET(CURLOPT_WRITEFUNCTION, call->receive);
    SET(CURLOPT_WRITEDATA, call->context);
    SET(CURLOPT_HEADERFUNCTION, call->header);
    SET(CURLOPT_HEADERDATA, call->context);
    if (call->authorities) SET(CURLOPT_CAINFO, call->authorities);
    if (call->send) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_READFUNCTION, call->send);
        SET(CURLOPT_READDATA, call->context);
        SET(CURLOPT_INFILESIZE_LARGE, call->body_bytes);
    } else if (call->body_bytes >= 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, call->body_bytes);
        SET(CURLOPT_POSTFIELDS, call->body);
    }
    if (strcmp(call->method, "HEAD") == 0) SET(CURLOPT_NOBODY, 1L);
    else SET(CURLOPT_CUSTOMREQUEST, call->method);
#undef SET
    return code;
}

/// The status of the last answer.
static inline long curl_status(CURL *handle)
{
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/// Why the last connection could not be made; 0 when it is not known.
static inline long curl_connect_errno(CURL *handle)
{
    long number = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
    return number;
}

/// How many bytes of bodies went over the connection, both ways.
static inline curl_off_t curl_moved(CURL *handle)
{
    curl_off_t sent = 0, received = 0;
    curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &received);
    return sent + received;
}

/// The outcome of a multi handle's finished transfer; -1 while it runs.
static inline int curl_outcome(CURLM *multi)
{
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)))
        if (message->msg == CURLMSG_DONE) return (int) message->data.result;
    return -1;
}

#endif
