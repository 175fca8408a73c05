/* A file of samples may be anything: a page and a picture come out, or the reason why there is nothing to draw. */
#include "timeline_page.h"
#include "timeline_picture.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void require_sound(const struct timeline *t)
{
    require(t->end_ns >= t->start_ns);
    for (size_t k = 0; k < TABLE_COUNT; k++)
        for (size_t i = 1; i < t->tables[k].count; i++)
            require(t->tables[k].t_ns[i] >= t->tables[k].t_ns[i - 1]);
    for (size_t i = 0; i < t->band_count; i++)
        require(t->bands[i].end_ns >= t->bands[i].start_ns);
}

static void draw(const struct timeline *t)
{
    struct buf page = BUF_INIT(TIMELINE_PAGE_MAX), svg = BUF_INIT(TIMELINE_SVG_MAX);
    require_sound(t);
    require(timeline_page_write(t, &page, NULL) == STATUS_OK);
    require(timeline_picture_svg(t, 640, &svg, NULL) == STATUS_OK);
    require(strstr(buf_text(&page), "</html>") != NULL && strstr(buf_text(&svg), "</svg>") != NULL);
    buf_fini(&page);
    buf_fini(&svg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/fuzz_timeline.XXXXXX";
    int fd = mkstemp(path);
    struct timeline t;
    struct error why = {0};
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    if (timeline_read_samples_file(path, &t, &why) == STATUS_OK)
        draw(&t);
    else
        require(error_text(&why)[0] != '\0');
    timeline_fini(&t);
    unlink(path);
    return 0;
}
