#include "own_names.h"

#include "fs.h"

#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { NAMES_MAX = 64, NAME_SIZE = 512, USER_MIN = 3, HOST_MIN = 2, SERIAL_MIN = 5 };

struct own_name {
    char text[NAME_SIZE];
    const char *instead;
    bool any_case;
};

struct own_names {
    struct own_name names[NAMES_MAX];
    size_t count;
};

struct own_names *own_names_new(void)
{
    return calloc(1, sizeof(struct own_names));
}

void own_names_free(struct own_names *names)
{
    free(names);
}

/* ---- gathering ---- */

/* Accounts and hosts that exist everywhere, and what a maker writes where a serial number should be. */
static const char *const nobodys[] = {"root", "nobody", "user", "users", "admin", "administrator", "ubuntu",
    "debian", "fedora", "centos", "arch", "alpine", "vagrant", "docker", "runner", "build", "builder", "test",
    "guest", "daemon", "localhost", "localhost.localdomain", "unknown", "anonymous", "none", "(none)",
    "default string", "not specified", "to be filled by o.e.m.", "system serial number", "00:00:00:00:00:00",
    "assay", "someone"};

static bool is_nobodys(const char *text)
{
    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++)
        if (strcasecmp(text, nobodys[i]) == 0)
            return true;
    return false;
}

/* A serial number that says the same in every place is none: "0", "xxxx". */
static bool is_one_character(const char *text)
{
    return strspn(text, (const char[]){text[0], '-', ':', '\0'}) == strlen(text);
}

/* Longer ones come first, so that a part of one is not replaced before it. */
static bool add(struct own_names *n, const char *text, size_t least, const char *instead, bool any_case)
{
    size_t len = text != NULL ? strlen(text) : 0, at = 0;
    if (len < least || len >= NAME_SIZE || is_nobodys(text) || is_one_character(text))
        return true;
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->names[i].text, text) == 0)
            return true;
    if (n->count == NAMES_MAX)
        return true; /* a machine with dozens of network devices: those that come last */
    while (at < n->count && strlen(n->names[at].text) >= len)
        at++;
    memmove(&n->names[at + 1], &n->names[at], (n->count - at) * sizeof n->names[0]);
    n->names[at] = (struct own_name){.instead = instead, .any_case = any_case};
    memcpy(n->names[at].text, text, len + 1);
    n->count++;
    return true;
}

bool own_names_add_host(struct own_names *names, const char *host)
{
    char first[NAME_SIZE];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(host, "."), host);
    return add(names, host, HOST_MIN, "anonymous", true) && add(names, first, HOST_MIN, "anonymous", true);
}

bool own_names_add_user(struct own_names *names, const char *user)
{
    return add(names, user, USER_MIN, "someone", false);
}

bool own_names_add_home(struct own_names *names, const char *folder)
{
    char clean[NAME_SIZE];
    if (folder == NULL || folder[0] != '/' || snprintf(clean, sizeof clean, "%s", folder) >= NAME_SIZE)
        return true;
    for (size_t len = strlen(clean); len > 1 && clean[len - 1] == '/'; len--)
        clean[len - 1] = '\0';
    return add(names, clean, 3, "~", false);
}

bool own_names_add_serial(struct own_names *names, const char *serial)
{
    return add(names, serial, SERIAL_MIN, "***", true);
}

static bool add_serial_of(struct own_names *names, const char *root, const char *path)
{
    char text[NAME_SIZE];
    if (fs_read_small(root, path, text, sizeof text) <= 0)
        return true;
    text[strcspn(text, "\n")] = '\0';
    return own_names_add_serial(names, text);
}

static bool add_addresses(struct own_names *names, const char *root)
{
    char path[NAME_SIZE];
    bool ok = true;
    snprintf(path, sizeof path, "%s/sys/class/net", root);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return true;
    for (struct dirent *entry; ok && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/sys/class/net/%.200s/address", entry->d_name);
        if (entry->d_name[0] != '.')
            ok = add_serial_of(names, root, path);
    }
    closedir(folder);
    return ok;
}

static bool add_user(struct own_names *names)
{
    const struct passwd *who = getpwuid(getuid());
    bool ok = own_names_add_user(names, getenv("USER")) && own_names_add_user(names, getenv("LOGNAME")) &&
              own_names_add_home(names, getenv("HOME"));
    if (who == NULL)
        return ok;
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s", who->pw_gecos != NULL ? who->pw_gecos : "");
    full[strcspn(full, ",")] = '\0';
    return ok && own_names_add_user(names, who->pw_name) && own_names_add_user(names, full) &&
           own_names_add_home(names, who->pw_dir);
}

bool own_names_of_machine(struct own_names *names, const char *root)
{
    static const char *const serials[] = {"/etc/machine-id", "/proc/sys/kernel/random/boot_id",
        "/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/product_uuid",
        "/sys/class/dmi/id/board_serial", "/sys/class/dmi/id/chassis_serial",
        "/sys/class/dmi/id/chassis_asset_tag"};
    char host[NAME_SIZE] = "";
    bool ok = true;
    if (root[0] != '\0') {
        if (fs_read_small(root, "/proc/sys/kernel/hostname", host, sizeof host) <= 0)
            host[0] = '\0';
        host[strcspn(host, "\n")] = '\0';
    } else if (gethostname(host, sizeof host - 1) != 0) {
        host[0] = '\0';
    }
    for (size_t i = 0; ok && i < sizeof serials / sizeof serials[0]; i++)
        ok = add_serial_of(names, root, serials[i]);
    ok = ok && own_names_add_host(names, host) && add_addresses(names, root);
    return ok && (root[0] != '\0' || add_user(names));
}

void own_names_forget(struct own_names *names, const char *word)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcasecmp(names->names[i].text, word) != 0)
            continue;
        memmove(&names->names[i], &names->names[i + 1], (names->count - i - 1) * sizeof names->names[0]);
        names->count--;
        i--;
    }
}

/* ---- finding ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool same_letter(char a, char b, bool any_case)
{
    return a == b || (any_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/* A path ends where its name does: "/home/jane" is not in "/home/janet". */
static bool is_at(const struct own_name *name, const char *text, size_t len, size_t at, size_t *name_len)
{
    size_t n = 0;
    if (at > 0 && is_word(text[at - 1]) && is_word(name->text[0]))
        return false;
    for (; name->text[n] != '\0'; n++)
        if (at + n >= len || !same_letter(text[at + n], name->text[n], name->any_case))
            return false;
    *name_len = n;
    return at + n == len || !is_word(text[at + n]) || !is_word(name->text[n - 1]);
}

static const struct own_name *find_at(
    const struct own_names *names, const char *text, size_t len, size_t at, size_t *name_len)
{
    for (size_t i = 0; i < names->count; i++)
        if (is_at(&names->names[i], text, len, at, name_len))
            return &names->names[i];
    return NULL;
}

bool own_names_in(const struct own_names *names, const char *text, size_t len)
{
    size_t name_len;
    for (size_t at = 0; at < len; at++)
        if (find_at(names, text, len, at, &name_len) != NULL)
            return true;
    return false;
}

bool own_names_replace(const struct own_names *names, const char *text, size_t len, struct buf *out)
{
    size_t from = 0, name_len = 0;
    for (size_t at = 0; at < len;) {
        const struct own_name *name = find_at(names, text, len, at, &name_len);
        if (name == NULL) {
            at++;
            continue;
        }
        (void)buf_append(out, text + from, at - from);
        (void)buf_append_text(out, name->instead);
        from = at += name_len;
    }
    return buf_append(out, text + from, len - from) == STATUS_OK;
}
