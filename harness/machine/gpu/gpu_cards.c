#include "gpu_cards.h"

#include "errand.h"
#include "fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool gpu_card_word(const char *root, const struct gpu_card *card, const char *path, char *text, size_t size)
{
    char full[256];
    if ((size_t)snprintf(full, sizeof full, "/sys/class/drm/card%u/%s", card->number, path) >= sizeof full)
        return false;
    errand_doing(full);
    if (fs_read_small(root, full, text, size) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return text[0] != '\0';
}

static const char *vendor_of(const char *id)
{
    static const struct {
        const char *id, *name;
    } vendors[] = {{"0x1002", "AMD"}, {"0x10de", "NVIDIA"}, {"0x8086", "Intel"}};
    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++) {
        if (strcmp(vendors[i].id, id) == 0)
            return vendors[i].name;
    }
    return NULL;
}

/* The driver's name is the last part of where device/driver points to. */
static void find_driver(const char *root, struct gpu_card *card)
{
    char path[1024], link[512];
    card->driver[0] = '\0';
    snprintf(path, sizeof path, "%s/sys/class/drm/card%u/device/driver", root, card->number);
    ssize_t len = readlink(path, link, sizeof link - 1);
    if (len <= 0)
        return;
    link[len] = '\0';
    const char *slash = strrchr(link, '/'), *name = slash ? slash + 1 : link;
    if (strlen(name) < sizeof card->driver)
        memcpy(card->driver, name, strlen(name) + 1);
}

struct search {
    const char *root;
    struct gpu_card *cards;
    size_t count, max;
};

/* cardN, but not its connectors (cardN-HDMI-A-1). */
static int visit_card(const char *name, void *arg)
{
    struct search *search = arg;
    struct gpu_card card = {0};
    char id[64];
    const char *digits = name + 4;
    if (strncmp(name, "card", 4) != 0 || !digits[0] || strlen(digits) > 6 ||
        digits[strspn(digits, "0123456789")])
        return 0;
    card.number = (unsigned)strtoul(digits, NULL, 10);
    card.vendor = gpu_card_word(search->root, &card, "device/vendor", id, sizeof id) ? vendor_of(id) : NULL;
    if (!card.vendor || search->count == search->max)
        return 0;
    find_driver(search->root, &card);
    search->cards[search->count++] = card;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct gpu_card *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

size_t gpu_cards_find(const char *root, struct gpu_card *cards, size_t max)
{
    char path[1024];
    struct error absent = {0};
    struct search search = {.root = root, .cards = cards, .max = max};
    snprintf(path, sizeof path, "%s/sys/class/drm", root);
    if (fs_list(path, visit_card, &search, &absent) != STATUS_OK)
        return 0; /* no such driver here */
    if (search.count > 1)
        qsort(cards, search.count, sizeof *cards, by_number);
    return search.count;
}

static int visit_hwmon(const char *name, void *arg)
{
    char *found = arg;
    if (strncmp(name, "hwmon", 5) != 0 || strlen(name) > 15)
        return 0;
    memcpy(found, name, strlen(name) + 1);
    return 1;
}

bool gpu_card_hwmon(const char *root, const struct gpu_card *card, char *path, size_t size)
{
    char folder[1024], found[16] = "";
    struct error absent = {0};
    snprintf(folder, sizeof folder, "%s/sys/class/drm/card%u/device/hwmon", root, card->number);
    if (fs_list(folder, visit_hwmon, found, &absent) != STATUS_OK || !found[0])
        return false;
    return (size_t)snprintf(path, size, "device/hwmon/%s", found) < size;
}

/* "DRIVER=amdgpu\n...PCI_SLOT_NAME=0000:03:00.0\n" */
bool gpu_card_slot(const char *root, const struct gpu_card *card, char *slot, size_t size)
{
    static const char key[] = "PCI_SLOT_NAME=";
    char path[64], text[1024];
    snprintf(path, sizeof path, "/sys/class/drm/card%u/device/uevent", card->number);
    errand_doing(path);
    const char *at = fs_read_small(root, path, text, sizeof text) > 0 ? strstr(text, key) : NULL;
    size_t len = at ? strcspn(at + strlen(key), "\n") : 0;
    return len > 0 && len < size && snprintf(slot, size, "%.*s", (int)len, at + strlen(key)) > 0;
}

bool gpu_card_sleeps(const char *root, const struct gpu_card *card)
{
    char state[32];
    return gpu_card_word(root, card, "device/power/runtime_status", state, sizeof state) &&
           strcmp(state, "suspended") == 0;
}
