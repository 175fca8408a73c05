/* YAML from anywhere: a tree of plain JSON or an error with a sentence, never a crash, and every place within
 * the text. */
#include "yamldoc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct yamldoc doc;
    struct error why = {0};
    struct buf json = BUF_INIT(64 << 20);
    enum status s = yamldoc_parse((const char *)data, size, "fuzz", &doc, &why);
    if (s != STATUS_OK && why.text[0] == '\0')
        abort();
    if (s == STATUS_OK && json_write(doc.tree, &json, &why) != STATUS_OK)
        abort();
    for (size_t i = 0; i < doc.place_count; i++)
        if (doc.places[i].line < 1 || (size_t)doc.places[i].line > size + 1)
            abort();
    buf_fini(&json);
    yamldoc_fini(&doc);
    return 0;
}
