#include "clock_sync.h"

#include <sys/timex.h>

struct clock_sync clock_sync_read(void)
{
    struct timex t = {.modes = 0}; /* asks, changes nothing */
    int state = adjtimex(&t);
    if (state < 0)
        return (struct clock_sync){.known = false};
    bool kept = state != TIME_ERROR && !(t.status & STA_UNSYNC);
    return (struct clock_sync){.known = true, .kept = kept, .error_s = kept ? (double)t.maxerror / 1e6 : 0};
}
