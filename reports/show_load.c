#include "show_load.h"

#include "quantity.h"
#include "show_text.h"

#include "json.h"

#include <inttypes.h>

/* "4 streams", in the unit of the load. */
static void show_amount(
    struct buf *out, const char *label, const struct json_object *load, const char *pointer)
{
    char number[QUANTITY_SIZE];
    double value;
    struct buf text = BUF_INIT(4096);
    const char *unit = json_get_text(load, "/unit");
    if (!json_get_real(load, pointer, &value))
        return;
    quantity_format_number(number, sizeof number, value);
    buf_printf(&text, "%s %s", number, unit ? unit : "");
    show_row(out, label, buf_text(&text));
    buf_fini(&text);
}

static void show_window(struct buf *out, const struct json_object *load)
{
    char from[QUANTITY_SIZE], to[QUANTITY_SIZE];
    double from_s, to_s;
    struct buf text = BUF_INIT(4096);
    if (!json_get_real(load, "/window/0", &from_s) || !json_get_real(load, "/window/1", &to_s))
        return;
    quantity_format_number(from, sizeof from, from_s);
    quantity_format_number(to, sizeof to, to_s);
    buf_printf(&text, "%s to %s s of the load test, the shortest of its repeats", from, to);
    show_row(out, "window", buf_text(&text));
    buf_fini(&text);
}

static void show_requests(struct buf *out, const struct json_object *load)
{
    static const char *const counts[] = {"/requests/ok", "/requests/failed", "/requests/cut_off"};
    int64_t n[3] = {0};
    struct buf text = BUF_INIT(4096);
    for (size_t i = 0; i < 3; i++)
        (void)json_get_int(load, counts[i], &n[i]);
    buf_printf(&text, "%" PRId64 " ok, %" PRId64 " failed, %" PRId64 " cut off by us", n[0], n[1], n[2]);
    show_row(out, "requests", buf_text(&text));
    buf_fini(&text);
}

bool show_load(struct buf *out, const struct json_object *record)
{
    const struct json_object *load = json_get_object(record, "/load");
    const char *reason = json_get_text(record, "/client/reason");
    if (!load)
        return false;
    buf_append_text(out, "\nLoad\n");
    show_row(out, "arrivals", json_get_text(load, "/arrivals"));
    show_amount(out, "asked", load, "/asked");
    show_amount(out, "achieved", load, "/achieved");
    show_window(out, load);
    show_requests(out, load);
    show_row(out, "objectives", json_get_text(load, "/objectives"));
    show_row(out, "client", json_get_text(record, "/client/verdict"));
    if (reason)
        show_row(out, "because", reason);
    buf_append_text(out, "Its requests are in requests.jsonl, with the moments of their tokens.\n");
    return true;
}
