#include "memory_group.h"

enum status memory_group_probe(char folder[MEMORY_GROUP_PATH_MAX], struct error *e)
{
    folder[0] = '\0';
    return error_set(e, STATUS_UNAVAILABLE, "this operating system has no control groups");
}
