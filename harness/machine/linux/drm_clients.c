#include "drm_clients.h"

#include "errand.h"
#include "fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct drm_clients *drm_clients_new(void)
{
    return calloc(1, sizeof(struct drm_clients));
}

void drm_clients_free(struct drm_clients *c)
{
    free(c);
}

void drm_clients_begin(struct drm_clients *c, int64_t t_ns)
{
    c->now.count = 0;
    c->now.t_ns = t_ns;
}

static const struct drm_client *find(const struct drm_client_list *list, const struct drm_client *client)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->clients[i].id == client->id && strcmp(list->clients[i].device, client->device) == 0)
            return &list->clients[i];
    }
    return NULL;
}

/* The driver itself writes it, and may be stuck. */
static bool read_text(const char *root, const char *path, char *text, size_t size)
{
    errand_doing(path);
    return fs_read_small(root, path, text, size) > 0;
}

void drm_clients_note(struct drm_clients *c, const char *root, pid_t pid, const char *descriptor)
{
    char path[64], text[4096];
    struct drm_client client;
    if ((size_t)snprintf(path, sizeof path, "/proc/%ld/fdinfo/%s", (long)pid, descriptor) >= sizeof path ||
        !read_text(root, path, text, sizeof text) || !drm_fdinfo_parse(text, &client))
        return;
    if (c->now.count < DRM_CLIENTS_MAX && !find(&c->now, &client))
        c->now.clients[c->now.count++] = client;
}

static double cycles_s(const struct drm_client *was, const struct drm_client *is, double elapsed_s)
{
    double busy_s = 0;
    for (size_t i = 0; i < is->cycle_count; i++) {
        const struct drm_cycles *now = &is->cycles[i];
        for (size_t k = 0; k < was->cycle_count; k++) {
            const struct drm_cycles *then = &was->cycles[k];
            if (strcmp(then->engine, now->engine) == 0 && now->total > then->total && now->busy > then->busy)
                busy_s += elapsed_s * (double)(now->busy - then->busy) / (double)(now->total - then->total);
        }
    }
    return busy_s;
}

/* A client that was not there before has done since then all that it ever did. */
static double growth_s(const struct drm_clients *c, const struct drm_client *is)
{
    const struct drm_client *was = find(&c->before, is);
    double elapsed_s = (double)(c->now.t_ns - c->before.t_ns) / 1e9;
    if (!c->looked)
        return 0;
    if (!was)
        return (double)is->engine_ns / 1e9;
    double engines_s = is->engine_ns > was->engine_ns ? (double)(is->engine_ns - was->engine_ns) / 1e9 : 0;
    return engines_s + cycles_s(was, is, elapsed_s);
}

void drm_clients_end(struct drm_clients *c)
{
    c->memory_told = c->engines_told = false;
    c->memory_bytes = 0;
    for (size_t i = 0; i < c->now.count; i++) {
        const struct drm_client *client = &c->now.clients[i];
        c->memory_told |= client->memory_told;
        c->engines_told |= client->engines_told;
        c->memory_bytes += (double)client->memory_bytes;
        c->busy_s += growth_s(c, client);
    }
    c->before = c->now;
    c->looked = true;
}
