#include "told_text.h"

#include "json.h"
#include "text.h"

#include <string.h>

bool told_text_set(struct json_object *object, const char *key, const char *text)
{
    struct buf safe = BUF_INIT(4096);
    bool ok = text_sanitise_line(&safe, text, strlen(text), 512) == STATUS_OK &&
              json_set_text(object, key, buf_text(&safe));
    buf_fini(&safe);
    return ok;
}
