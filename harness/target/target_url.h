/*
 * target_url.h - takes the URL a user gave apart: where requests go, what records may show, and the
 * credentials.
 *
 *     struct target_url u;
 *     if (target_url_parse("http://me:pw@127.0.0.1:8080/", &u, &why) != STATUS_OK) ...
 *     // u.root "http://127.0.0.1:8080", u.has_version false, u.user "me", u.host_port "127.0.0.1_8080"
 *     target_url_fini(&u);
 */
#ifndef ASSAY_TARGET_URL_H
#define ASSAY_TARGET_URL_H

#include "status.h"

struct target_url {
    char root[480];   /* scheme, host, port and path without /v1 and without a slash at its end */
    bool has_version; /* the path ended in /v1 */
    char shown[480];  /* root for records where another is sent to: "http+unix://%2Frun%2Fm.sock"; else "" */
    char host_port[64];    /* for names: "127.0.0.1_8080", "ip6-1_8080", "m.sock" */
    char *unix_socket;     /* path, owned; NULL without */
    char *user, *password; /* decoded, owned; NULL without */
};

enum status target_url_parse(const char *url, struct target_url *out, struct error *e) ASSAY_MUST_CHECK;
void target_url_fini(struct target_url *u);

/* Overwrites with zeros, then frees; NULL is allowed. For passwords and keys. */
void target_forget_secret(char *secret);

#endif
