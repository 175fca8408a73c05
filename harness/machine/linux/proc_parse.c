#include "proc_parse.h"

#include <string.h>

/* Decimal digits at *at; moves *at behind them. False without a digit or beyond 64 bits. */
static bool take_u64(const char **at, uint64_t *value)
{
    const char *p = *at;
    uint64_t sum = 0;
    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *at = p;
    *value = sum;
    return true;
}

static bool take_i32(const char **at, int32_t *value)
{
    const char *p = *at;
    bool negative = *p == '-';
    uint64_t magnitude;
    p += negative;
    if (!take_u64(&p, &magnitude) || magnitude > INT32_MAX)
        return false;
    *value = negative ? -(int32_t)magnitude : (int32_t)magnitude;
    *at = p;
    return true;
}

static bool take_hex(const char **at, size_t digits, uint32_t *value)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = (*at)[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else
            return false;
        sum = sum << 4 | digit;
    }
    *at += digits;
    *value = sum;
    return true;
}

static void skip_spaces(const char **at)
{
    while (**at == ' ' || **at == '\t')
        (*at)++;
}

static void skip_word(const char **at)
{
    while (**at && **at != ' ' && **at != '\t' && **at != '\n')
        (*at)++;
    skip_spaces(at);
}

const char *proc_next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end && end[1] ? end + 1 : NULL;
}

/* What follows "key" and one separator in the line that starts with it, or NULL. */
static const char *find_line(const char *text, const char *key, char separator)
{
    size_t len = strlen(key);
    for (const char *line = text; line; line = proc_next_line(line)) {
        if (strncmp(line, key, len) == 0 && line[len] == separator)
            return line + len + 1;
    }
    return NULL;
}

bool proc_find_count(const char *text, const char *key, uint64_t *value)
{
    const char *at = find_line(text, key, ' ');
    uint64_t number;
    if (!at || !take_u64(&at, &number) || *at != '\n')
        return false;
    *value = number;
    return true;
}

bool proc_sum_counts(const char *text, const char *prefix, uint64_t *sum)
{
    size_t len = strlen(prefix);
    uint64_t total = 0, number;
    bool found = false;
    for (const char *line = text; line; line = proc_next_line(line)) {
        if (strncmp(line, prefix, len) != 0)
            continue;
        const char *at = line + strcspn(line, " \n");
        if (*at++ != ' ' || !take_u64(&at, &number) || *at != '\n' || number > UINT64_MAX - total)
            return false;
        total += number;
        found = true;
    }
    if (found)
        *sum = total;
    return found;
}

bool proc_find_meminfo(const char *text, const char *key, uint64_t *bytes)
{
    const char *at = find_line(text, key, ':');
    uint64_t kib;
    if (!at)
        return false;
    skip_spaces(&at);
    if (!take_u64(&at, &kib) || strncmp(at, " kB\n", 4) != 0 || kib > UINT64_MAX / 1024)
        return false;
    *bytes = kib * 1024;
    return true;
}

bool proc_parse_files_limit(const char *text, uint64_t *count)
{
    static const char key[] = "Max open files", unlimited[] = "unlimited";
    const char *at = find_line(text, key, ' ');
    uint64_t number = UINT64_MAX;
    if (!at || !strchr(at, '\n'))
        return false;
    skip_spaces(&at);
    if (strncmp(at, unlimited, sizeof unlimited - 1) == 0)
        at += sizeof unlimited - 1;
    else if (!take_u64(&at, &number))
        return false;
    if (*at != ' ')
        return false;
    *count = number;
    return true;
}

bool proc_parse_limit(const char *text, uint64_t *value)
{
    uint64_t number = UINT64_MAX;
    const char *at = text;
    if (strncmp(at, "max", 3) == 0)
        at += 3;
    else if (!take_u64(&at, &number))
        return false;
    if (*at != '\n')
        return false;
    *value = number;
    return true;
}

bool proc_parse_pressure(const char *text, const char *line, uint64_t *total_us)
{
    const char *at = find_line(text, line, ' ');
    uint64_t number;
    while (at && *at && *at != '\n' && strncmp(at, "total=", 6) != 0)
        skip_word(&at);
    if (!at || strncmp(at, "total=", 6) != 0)
        return false;
    at += 6;
    if (!take_u64(&at, &number) || *at != '\n')
        return false;
    *total_us = number;
    return true;
}

/* The numbers behind the name; columns that old kernels do not have stay 0. */
static bool take_cpu_columns(const char *at, struct proc_cpu *cpu)
{
    uint64_t columns[8] = {0};
    size_t count = 0;
    for (skip_spaces(&at); count < 8 && take_u64(&at, &columns[count]); count++)
        skip_spaces(&at);
    while (*at && *at != '\n')
        at++;
    if (count < 4 || *at != '\n')
        return false;
    *cpu = (struct proc_cpu){.user = columns[0],
        .nice = columns[1],
        .system = columns[2],
        .idle = columns[3],
        .iowait = columns[4],
        .irq = columns[5],
        .softirq = columns[6],
        .steal = columns[7],
        .has_steal = count == 8};
    return true;
}

bool proc_parse_cpu(const char *text, struct proc_cpu *cpu)
{
    const char *at = find_line(text, "cpu", ' ');
    return at && take_cpu_columns(at, cpu);
}

bool proc_parse_one_cpu(const char *line, uint64_t *number, struct proc_cpu *cpu)
{
    uint64_t found;
    const char *at = line + 3;
    if (strncmp(line, "cpu", 3) != 0 || !take_u64(&at, &found) || *at != ' ' || !take_cpu_columns(at, cpu))
        return false;
    *number = found;
    return true;
}

/* Field numbers of proc(5); the first one behind the name is 3. */
enum {
    FIELD_PPID = 4,
    FIELD_SESSION = 6,
    FIELD_MAJFLT = 12,
    FIELD_UTIME = 14,
    FIELD_CSTIME = 17,
    FIELD_STARTTIME = 22
};

static bool take_stat_field(const char **at, int field, struct proc_stat *stat)
{
    int32_t ignored;
    uint64_t ticks;
    switch (field) {
    case FIELD_PPID:
        return take_i32(at, &stat->ppid);
    case FIELD_SESSION:
        return take_i32(at, &stat->session);
    case FIELD_MAJFLT:
        return take_u64(at, &stat->major_faults);
    case FIELD_STARTTIME:
        return take_u64(at, &stat->start_ticks);
    default:
        break;
    }
    if (field < FIELD_UTIME || field > FIELD_CSTIME) {
        const char *start = *at;
        while (**at && **at != ' ' && **at != '\n')
            (*at)++;
        return *at != start;
    }
    /* cutime and cstime are signed in the kernel's table */
    if (**at == '-')
        return take_i32(at, &ignored);
    if (!take_u64(at, &ticks) || ticks > UINT64_MAX - stat->ticks)
        return false;
    stat->ticks += ticks;
    return true;
}

/* "vsize rss " behind the start; a process that is dying has less than no memory for a moment. */
static uint64_t take_rss(const char *at)
{
    uint64_t size, pages;
    if (!take_u64(&at, &size) || *at++ != ' ' || !take_u64(&at, &pages) || (*at != ' ' && *at != '\n'))
        return 0;
    return pages;
}

bool proc_parse_stat(const char *text, struct proc_stat *stat)
{
    struct proc_stat found = {0};
    const char *at = text;
    const char *name_end = strrchr(text, ')');
    if (!take_i32(&at, &found.pid) || at[0] != ' ' || at[1] != '(' || !name_end || name_end < at)
        return false;
    if (name_end[1] != ' ' || !name_end[2] || name_end[3] != ' ')
        return false;
    found.state = name_end[2];
    at = name_end + 4;
    for (int field = FIELD_PPID; field <= FIELD_STARTTIME; field++) {
        if (!take_stat_field(&at, field, &found) || *at != ' ')
            return false;
        at++;
    }
    found.rss_pages = take_rss(at);
    *stat = found;
    return true;
}

/* The kernel prints each 32-bit word of an address as it lies in memory, so on this host's byte order. */
static bool take_address(const char **at, unsigned char address[16])
{
    uint32_t words[4];
    const char *colon = strchr(*at, ':');
    size_t digits = colon ? (size_t)(colon - *at) : 0;
    if (digits != 8 && digits != 32)
        return false;
    for (size_t i = 0; i < digits / 8; i++) {
        if (!take_hex(at, 8, &words[i]))
            return false;
    }
    if (digits == 32) {
        memcpy(address, words, 16);
        return true;
    }
    memset(address, 0, 10);
    memset(address + 10, 0xff, 2);
    memcpy(address + 12, words, 4);
    return true;
}

bool proc_parse_listener(const char *line, struct proc_listener *listener)
{
    struct proc_listener found = {0};
    const char *at = line;
    uint64_t uid;
    uint32_t port, state;
    skip_spaces(&at);
    skip_word(&at); /* slot */
    if (!take_address(&at, found.address) || *at != ':')
        return false;
    at++;
    if (!take_hex(&at, 4, &port))
        return false;
    skip_word(&at);
    skip_word(&at); /* remote address */
    if (!take_hex(&at, 2, &state) || state != 0x0A)
        return false;
    skip_word(&at);
    for (int i = 0; i < 3; i++) /* queues, timer, retransmits */
        skip_word(&at);
    if (!take_u64(&at, &uid) || uid > UINT32_MAX)
        return false;
    skip_spaces(&at);
    skip_word(&at); /* timeout */
    if (!take_u64(&at, &found.inode) || found.inode == 0 || (*at != ' ' && *at != '\n'))
        return false;
    found.port = (uint16_t)port;
    found.uid = (uint32_t)uid;
    *listener = found;
    return true;
}

/* True if the len bytes at list, words between commas, hold the word. */
static bool list_has(const char *list, size_t len, const char *word)
{
    size_t word_len = strlen(word);
    for (size_t i = 0; i <= len;) {
        const char *comma = i < len ? memchr(list + i, ',', len - i) : NULL;
        size_t end = comma ? (size_t)(comma - list) : len;
        if (end - i == word_len && memcmp(list + i, word, word_len) == 0)
            return true;
        i = end + 1;
    }
    return false;
}

bool proc_list_has(const char *list, const char *word)
{
    return list_has(list, strlen(list), word);
}

bool proc_parse_group(const char *text, const char *controller, char *path, size_t size)
{
    for (const char *line = text; line; line = proc_next_line(line)) {
        const char *end = strchr(line, '\n');
        const char *names = strchr(line, ':');
        const char *name_end = names ? strchr(names + 1, ':') : NULL;
        if (!end || !names || !name_end || name_end > end)
            continue;
        size_t len = (size_t)(end - name_end - 1);
        if (!list_has(names + 1, (size_t)(name_end - names - 1), controller) || name_end[1] != '/' ||
            len >= size)
            continue;
        memcpy(path, name_end + 1, len);
        path[len] = '\0';
        return true;
    }
    return false;
}

/* Copies one word, undoing \ooo; false if it is empty or does not fit. Moves *at behind the spaces that
 * follow. */
static bool take_mount_word(const char **at, char *word, size_t size)
{
    size_t len = 0;
    const char *p = *at;
    while (*p && *p != ' ' && *p != '\n') {
        unsigned code = (unsigned char)*p;
        size_t step = 1;
        if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' &&
            p[3] <= '7') {
            code = (unsigned)(p[1] - '0') << 6 | (unsigned)(p[2] - '0') << 3 | (unsigned)(p[3] - '0');
            step = 4;
        }
        if (code == 0 || len + 1 >= size)
            return false;
        word[len++] = (char)code;
        p += step;
    }
    word[len] = '\0';
    skip_spaces(&p);
    *at = p;
    return len > 0;
}

bool proc_parse_mount(const char *line, struct proc_mount *mount)
{
    const char *at = line;
    for (int i = 0; i < 3; i++) /* mount, parent, device */
        skip_word(&at);
    if (!take_mount_word(&at, mount->root, sizeof mount->root) ||
        !take_mount_word(&at, mount->point, sizeof mount->point))
        return false;
    while (*at && *at != '\n' && !(at[0] == '-' && at[1] == ' ')) /* options, optional fields */
        skip_word(&at);
    if (*at != '-')
        return false;
    skip_word(&at);
    if (!take_mount_word(&at, mount->type, sizeof mount->type))
        return false;
    skip_word(&at); /* source */
    return take_mount_word(&at, mount->options, sizeof mount->options);
}
