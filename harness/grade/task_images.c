#include "task_images.h"

#include "base64.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <string.h>

const char *task_image_type(const void *bytes, size_t len)
{
    static const struct {
        const char *begin, *type;
        size_t len;
    } kinds[] = {
        {"\x89PNG\r\n\x1a\n", "image/png", 8}, {"\xff\xd8\xff", "image/jpeg", 3}, {"GIF8", "image/gif", 4}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (len >= kinds[i].len && memcmp(bytes, kinds[i].begin, kinds[i].len) == 0)
            return kinds[i].type;
    bool webp = len >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp((const char *)bytes + 8, "WEBP", 4) == 0;
    return webp ? "image/webp" : NULL;
}

enum status task_image_append(const void *bytes, size_t len, struct buf *out, struct error *e)
{
    const char *type = task_image_type(bytes, len);
    if (!type)
        return error_set(e, STATUS_INVALID, "no picture (PNG, JPEG, GIF or WebP)");
    buf_printf(out, "data:%s;base64,", type);
    base64_encode(out, bytes, len);
    return buf_status(out) == STATUS_OK ? STATUS_OK
                                        : error_set(e, buf_status(out), "a picture of %zu bytes", len);
}

bool task_image_split(const char *image, char type[32], const char **base64, size_t *len)
{
    static const char start[] = "data:image/", mark[] = ";base64,";
    const char *end = strstr(image, mark);
    if (strncmp(image, start, strlen(start)) != 0 || !end || end - image - 5 > 31)
        return false;
    size_t type_len = (size_t)(end - image) - 5;
    memcpy(type, image + 5, type_len);
    type[type_len] = '\0';
    *base64 = end + strlen(mark);
    *len = strlen(*base64);
    return *len > 0;
}

static enum status read_image(const char *folder, const char *name, struct buf *url, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16), bytes = BUF_INIT(TASK_IMAGE_BYTES);
    enum status s = fs_join(&path, folder, name);
    s = s == STATUS_OK ? fs_read_file(buf_text(&path), &bytes, e) : error_set(e, s, "the path is too long");
    if (s == STATUS_OK)
        s = task_image_append(buf_text(&bytes), bytes.len, url, e);
    if (s != STATUS_OK)
        error_locate(e, buf_text(&path), 0, 0, NULL);
    buf_fini(&path);
    buf_fini(&bytes);
    return s;
}

static bool is_data(const char *image)
{
    return strncmp(image, "data:", 5) == 0;
}

static enum status check_data(const char *image, const char *id, struct error *e)
{
    char type[32];
    const char *base64;
    size_t len;
    struct buf bytes = BUF_INIT(TASK_IMAGE_BYTES);
    bool ok = task_image_split(image, type, &base64, &len) && base64_decode(&bytes, base64, len) &&
              buf_status(&bytes) == STATUS_OK && task_image_type(buf_text(&bytes), bytes.len);
    buf_fini(&bytes);
    return ok ? STATUS_OK
              : error_set(e, STATUS_INVALID, "task %s: a data: URL that holds no picture in base64", id);
}

/* The array with every picture in it; NULL: e says why. */
static struct json_object *taken_in(const struct graded_task *task, const char *folder, struct error *e)
{
    struct json_object *all = json_object_new_array();
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < json_object_array_length(task->images); i++) {
        struct json_object *one = json_object_array_get_idx(task->images, i);
        struct buf url = BUF_INIT(2 * TASK_IMAGE_BYTES);
        if (is_data(json_object_get_string(one)))
            s = check_data(json_object_get_string(one), task->id, e);
        else
            s = read_image(folder, json_object_get_string(one), &url, e);
        bool ok = s == STATUS_OK &&
                  json_add(all, url.len ? json_object_new_string(buf_text(&url)) : json_object_get(one));
        if (s == STATUS_OK && !ok)
            s = error_set(e, STATUS_NO_MEMORY, "no memory for the pictures of %s", task->id);
        buf_fini(&url);
    }
    if (s == STATUS_OK)
        return all;
    json_object_put(all);
    return NULL;
}

/* The members are shared, but for the pictures; the id is said, since lines may move. */
static enum status write_task(
    const struct graded_task *task, const char *folder, struct buf *lines, struct error *e)
{
    struct json_object *copy = json_object_new_object();
    bool ok = json_set_text(copy, "id", task->id);
    json_object_object_foreach(task->tree, key, value)
    {
        if (strcmp(key, "id") != 0 && strcmp(key, "images") != 0)
            ok = ok && json_set(copy, key, json_object_get(value));
    }
    struct json_object *images = task->images ? taken_in(task, folder, e) : NULL;
    enum status s = task->images && !images ? STATUS_INVALID : STATUS_OK;
    if (images)
        ok = json_set(copy, "images", images) && ok;
    if (s == STATUS_OK)
        s = ok ? json_write(copy, lines, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the tasks");
    if (s == STATUS_OK && buf_append_char(lines, '\n') != STATUS_OK)
        s = error_set(e, buf_status(lines), "the pictures are too large together");
    json_object_put(copy);
    return s;
}

bool task_images_any(const struct task_list *tasks)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->items[i].images)
            return true;
    return false;
}

enum status task_images_take_in(
    const struct task_list *tasks, const char *folder, struct buf *lines, struct error *e)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < tasks->count; i++)
        s = write_task(&tasks->items[i], folder, lines, e);
    return s;
}
