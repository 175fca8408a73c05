/* schema_uri.h - as much of RFC 3986 as schemas need. Inside harness/json. */
#ifndef ASSAY_SCHEMA_URI_H
#define ASSAY_SCHEMA_URI_H

#include "buf.h"

/* Appends reference resolved against base (section 5.2), with its fragment. A base without scheme resolves as
 * well. */
enum status schema_uri_resolve(const char *base, const char *reference, struct buf *out);

/* Appends text with %XX decoded; stops at the first %XX that is not two hexadecimal digits or is %00: false.
 */
bool schema_uri_decode(const char *text, struct buf *out);

#endif
