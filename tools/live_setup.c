#include "live_setup.h"

#include "fs.h"

enum status live_config_open(struct live_config *c, struct error *e)
{
    struct config_origins origins;
    c->options = (struct run_options)RUN_OPTIONS_DEFAULT;
    enum status s = config_open(NULL, &c->config, e);
    return s == STATUS_OK ? config_apply(&c->config, run_options_table, &c->options, &origins, e) : s;
}

const char *live_path(struct buf *b, const char *folder, const char *name)
{
    buf_clear(b);
    fs_join(b, folder, name);
    return buf_text(b);
}
