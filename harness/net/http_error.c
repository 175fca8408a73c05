#include "http_error.h"

#include <errno.h>
#include <string.h>

bool http_errno_is_ours(int error)
{
    static const int ours[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (ours[i] == error)
            return true;
    return false;
}

/* Codes whose class does not depend on the moment. */
static const struct {
    CURLcode code;
    enum http_error error;
} http_plain_codes[] = {
    {CURLE_OK, HTTP_OK},
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_RESOLVE},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_RESOLVE},
    {CURLE_URL_MALFORMAT, HTTP_RESOLVE}, /* a host name that no resolver can be asked for */
    {CURLE_COULDNT_CONNECT, HTTP_CONNECT},
    {CURLE_SSL_CONNECT_ERROR, HTTP_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS},
    {CURLE_SSL_CACERT_BADFILE, HTTP_TLS},
    {CURLE_SSL_CERTPROBLEM, HTTP_TLS},
    {CURLE_SSL_CIPHER, HTTP_TLS},
    {CURLE_SSL_ISSUER_ERROR, HTTP_TLS},
    {CURLE_SSL_ENGINE_NOTFOUND, HTTP_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, HTTP_TLS},
    {CURLE_PARTIAL_FILE, HTTP_TRUNCATED},
    {CURLE_GOT_NOTHING, HTTP_TRUNCATED},
    {CURLE_OUT_OF_MEMORY, HTTP_INTERNAL},
    {CURLE_FAILED_INIT, HTTP_INTERNAL},
    {CURLE_BAD_FUNCTION_ARGUMENT, HTTP_INTERNAL},
};

/* Lost on the wire: while connecting, while writing, or while the answer was due. */
static enum http_error http_error_of_loss(const struct http_moment *moment)
{
    if (!moment->sent)
        return HTTP_CONNECT;
    if (moment->uploading && !moment->answered)
        return HTTP_SEND;
    /* libcurl has no code of its own for a broken chunk: it says "receive failed" and names the chunk in the
     * text. */
    return strstr(moment->text, "chunk") ? HTTP_PROTOCOL : HTTP_TRUNCATED;
}

/* The other side ended one stream of HTTP/2: on purpose or not, the answer is cut short; but some of its reasons
 * are a quarrel about framing. */
static enum http_error http_error_of_reset(const struct http_moment *moment)
{
    static const char *const quarrels[] = {
        "PROTOCOL_ERROR", "FLOW_CONTROL_ERROR", "FRAME_SIZE_ERROR", "COMPRESSION_ERROR", "STREAM_CLOSED"};
    for (size_t i = 0; i < sizeof quarrels / sizeof quarrels[0]; i++)
        if (strstr(moment->text, quarrels[i]))
            return HTTP_PROTOCOL;
    return HTTP_TRUNCATED;
}

enum http_error http_error_of_curl(CURLcode code, const struct http_moment *moment)
{
    if (code == CURLE_COULDNT_CONNECT && http_errno_is_ours((int)moment->connect_errno))
        return HTTP_INTERNAL;
    for (size_t i = 0; i < sizeof http_plain_codes / sizeof http_plain_codes[0]; i++)
        if (http_plain_codes[i].code == code)
            return http_plain_codes[i].error;
    if (code == CURLE_SEND_ERROR)
        return moment->sent ? HTTP_SEND : HTTP_CONNECT;
    if (code == CURLE_RECV_ERROR)
        return http_error_of_loss(moment);
    if (code == CURLE_HTTP2_STREAM)
        return http_error_of_reset(moment);
    return moment->sent ? HTTP_PROTOCOL : HTTP_CONNECT;
}

static const char *const http_own_texts[] = {
    [HTTP_TIMEOUT_CONNECT] = "timed out while connecting",
    [HTTP_TIMEOUT_FIRST] = "timed out waiting for the answer to begin",
    [HTTP_TIMEOUT_IDLE] = "timed out in the middle of the answer: the server fell silent",
    [HTTP_TIMEOUT_TOTAL] = "timed out: the whole request took too long",
    [HTTP_TOO_LARGE] = "the answer is larger than the client is willing to keep",
    [HTTP_CANCELLED] = "cancelled",
};

const char *http_error_own_text(enum http_error error)
{
    return (size_t)error < sizeof http_own_texts / sizeof http_own_texts[0] ? http_own_texts[error] : NULL;
}

const char *http_error_text(enum http_error error, CURLcode code, const struct http_moment *moment)
{
    const char *own = http_error_own_text(error);
    if (own)
        return own;
    if (code == CURLE_OK)
        return "the connection was closed before the answer was complete";
    return *moment->text ? moment->text : curl_easy_strerror(code);
}
