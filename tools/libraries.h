/*
 * libraries.h - the libraries this program runs with and their versions, as loaded, not as compiled against.
 *
 *     json_set(assay, "libraries", libraries_to_json());       // {"libcurl": "7.88.1", ...}
 */
#ifndef ASSAY_LIBRARIES_H
#define ASSAY_LIBRARIES_H

struct json_object;

/* NULL: no memory. The caller owns it. */
struct json_object *libraries_to_json(void);

#endif
