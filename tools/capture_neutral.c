#include "capture_neutral.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NAME_MIN = 3 };

static void mask(char *bytes, size_t len, char with)
{
    for (size_t i = 0; i < len; i++)
        if (isalnum((unsigned char)bytes[i]) || with == '*')
            bytes[i] = with;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Every occurrence; of a name only where it stands alone. */
static void mask_all(char *bytes, size_t len, const char *what, char with)
{
    size_t n = what ? strlen(what) : 0;
    if (n < NAME_MIN)
        return;
    for (size_t i = 0; i + n <= len; i++) {
        bool alone = (i == 0 || !is_word(bytes[i - 1])) && (i + n == len || !is_word(bytes[i + n]));
        if (strncasecmp(bytes + i, what, n) == 0 && (alone || with == '*'))
            mask(bytes + i, n, with);
    }
}

/* The length of a root folder of a machine at p, 0 for anything else: /v1/chat is an address, no path. */
static size_t root_at(const char *p, size_t len)
{
    static const char *const roots[] = {"/home/", "/Users/", "/root/", "/tmp/", "/var/", "/opt/", "/mnt/",
        "/work/", "/srv/", "/data/", "/usr/", "/private/", "/media/", "/workspace/", "/nix/", "/run/"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        size_t n = strlen(roots[i]);
        if (len > n && memcmp(p, roots[i], n) == 0)
            return n;
    }
    return 0;
}

static bool ends_path(char c)
{
    return (unsigned char)c <= ' ' || strchr("\"'`,;)]}<>|", c) != NULL;
}

static void mask_path(char *bytes, size_t len)
{
    size_t end = 0, last = 0;
    while (end < len && !ends_path(bytes[end]) &&
           !(bytes[end] == '\\' && end + 1 < len && bytes[end + 1] != '/')) {
        last = bytes[end] == '/' ? end : last;
        end++;
    }
    mask(bytes, last, 'x');
}

void capture_neutral(const struct capture_names *names, char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof names->secrets / sizeof names->secrets[0]; i++)
        mask_all(bytes, len, names->secrets[i], '*');
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '/' && (i == 0 || !is_word(bytes[i - 1])) && root_at(bytes + i, len - i))
            mask_path(bytes + i, len - i);
    mask_all(bytes, len, names->host, 'x');
    mask_all(bytes, len, names->machine, 'x');
    mask_all(bytes, len, names->user, 'x');
}
