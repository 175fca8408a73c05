#include "mac_sysctl.h"

#include <string.h>
#include <sys/types.h>

#include <sys/sysctl.h>

bool mac_sysctl_int(const char *name, int64_t *value)
{
    unsigned char bytes[8];
    size_t len = sizeof bytes;
    int32_t narrow;
    if (sysctlbyname(name, bytes, &len, NULL, 0) != 0)
        return false;
    if (len == sizeof *value) {
        memcpy(value, bytes, len);
        return true;
    }
    if (len != sizeof narrow)
        return false;
    memcpy(&narrow, bytes, len);
    *value = narrow;
    return true;
}

bool mac_sysctl_text(const char *name, char *text, size_t size)
{
    size_t len = size - 1;
    text[0] = '\0';
    if (sysctlbyname(name, text, &len, NULL, 0) != 0)
        len = 0;
    text[len < size ? len : size - 1] = '\0';
    return text[0] != '\0';
}
