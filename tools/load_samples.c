#include "load_json.h"

#include "json.h"
#include "line_out.h"
#include "load_sample_json.h"

static enum status write_sample(const struct load_test *t, const struct load_sample *sample, struct buf *line,
    struct line_out *out, struct error *e)
{
    struct json_object *o = load_sample_to_json(sample, &t->source, t->outcome.t_start_ns);
    buf_clear(line);
    enum status s = o ? json_write(o, line, e) : error_set(e, STATUS_NO_MEMORY, "no memory for a sample");
    json_object_put(o);
    return s == STATUS_OK ? line_out_add(out, buf_text(line), line->len, e) : s;
}

enum status load_samples_write(struct load_test *t, const char *path, struct error *e)
{
    struct line_out *out = NULL;
    struct buf line = BUF_INIT(64 << 20);
    enum status s = line_out_open(path, &out, e);
    load_source_rewind(&t->source);
    for (const struct load_sample *sample; s == STATUS_OK && (sample = load_source_next(&t->source)) != NULL;)
        s = write_sample(t, sample, &line, out, e);
    enum status closed = line_out_close(out, s == STATUS_OK ? e : NULL);
    buf_fini(&line);
    return s == STATUS_OK ? closed : s;
}
