#include "measure_lock.h"

#include "fs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status measure_lock_path(struct buf *out)
{
    const char *given = getenv("ASSAY_LOCK_FILE"), *runtime = getenv("XDG_RUNTIME_DIR"),
               *tmp = getenv("TMPDIR");
    if (given && given[0])
        return strcmp(given, "none") == 0 ? STATUS_OK : buf_append_text(out, given);
    if (runtime && runtime[0] == '/')
        return buf_printf(out, "%s/assay.lock", runtime);
    return buf_printf(out, "%s/assay-%ld.lock", tmp && tmp[0] == '/' ? tmp : "/tmp", (long)getuid());
}

enum status measure_lock(int64_t wait_ns, int *fd, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    struct error why = {0};
    *fd = -1;
    enum status s = measure_lock_path(&path);
    if (s != STATUS_OK)
        s = error_set(e, s, "the path of the measurement lock is too long");
    else if (path.len > 0)
        s = fs_lock(buf_text(&path), wait_ns, fd, &why);
    if (s == STATUS_BUSY)
        s = error_set(e, s,
            "another measurement runs on this machine, and two would measure each other (%s); wait for it "
            "with --wait "
            "10m",
            error_text(&why));
    else if (s != STATUS_OK && why.status != STATUS_OK && e)
        *e = why;
    buf_fini(&path);
    return s;
}
