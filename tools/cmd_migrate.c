/* assay migrate: files of older formats as runs of ours. */
#include "migrate.h"
#include "migration.h"
#include "stop.h"
#include "verb.h"

#include "json.h"
#include "log.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct migrate_command {
    const char *from, *out, *memory;
    bool json;
};

static const struct opt options[] = {
    {"from", 0, OPT_TEXT, offsetof(struct migrate_command, from), "FORMAT",
        "what the files are (default: what their first value looks like)",
        .values = "mlx-knife|mlx-knife-memory|nobs|slm-bench|ollama-sweep"},
    {"out", 'o', OPT_TEXT, offsetof(struct migrate_command, out), "DIR",
        "folder in which the run's folder is made (default runs)"},
    {"memory", 0, OPT_TEXT, offsetof(struct migrate_command, memory), "FILE",
        "memory file of mlx-knife that belongs to the one FILE: its samples go into the same run"},
    {"json", 0, OPT_FLAG, offsetof(struct migrate_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "migrate",
    .operands = "FILE...",
    .summary = "Make runs from files of older formats.",
    .details =
        "Each FILE becomes a run folder of its own, which the other verbs read as they read ours. Nothing is "
        "made up: what the file does not say is absent, what it says and we have no field for is listed and "
        "kept as it stood. docs/migrate.md has the tables. Formats: mlx-knife, mlx-knife-memory, nobs (La "
        "Perf), "
        "slm-bench, ollama-sweep.\n\n"
        "  assay migrate 2026-01-30-benchmark.jsonl\n"
        "  assay migrate benchmark.jsonl --memory memory.jsonl\n"
        "  assay migrate --from mlx-knife --out old/ *.jsonl\n"
        "  assay migrate results/report_desk.json\n\n"
        "Exit code: 0 migrated; 1 some values or a whole file could not be; 2 no such file, no known format, "
        "or "
        "a run that is there already; 4 a file could not be read or written; 130 interrupted.",
};

/* ---- for people ---- */

static void print_safe(const char *text)
{
    struct buf safe = BUF_INIT(1 << 16);
    if (text_sanitise_line(&safe, text, strlen(text), 2048) == STATUS_OK)
        fputs(buf_text(&safe), stdout);
    buf_fini(&safe);
}

static int64_t count_of(const struct json_object *entry, const char *pointer)
{
    int64_t count = 0;
    (void)json_get_int(entry, pointer, &count);
    return count;
}

static void print_entry(const struct json_object *entry, const char *key)
{
    const char *reason = json_get_text(entry, "/reason"), *kept = json_get_text(entry, "/kept");
    int64_t line = count_of(entry, "/first_line"), count = count_of(entry, "/count");
    fputs("    ", stdout);
    if (line > 0)
        printf("line %" PRId64 ": ", line);
    print_safe(json_get_text(entry, key));
    if (kept != NULL && reason != NULL) {
        fputs(": ", stdout);
        print_safe(reason);
    }
    if (count > 1)
        printf(line > 0 ? " (and %" PRId64 " more)" : " (%" PRId64 " times)", line > 0 ? count - 1 : count);
    fputs("\n", stdout);
}

/* Entries with this kept (NULL: all) under their heading; nothing where there are none. */
static void print_list(const struct json_object *migrated, const char *list, const char *key,
    const char *kept, const char *heading)
{
    struct json_object *entries = json_get_array(migrated, list);
    bool headed = false;
    for (size_t i = 0; entries != NULL && i < json_object_array_length(entries); i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        if (kept != NULL && strcmp(json_get_text(entry, "/kept"), kept) != 0)
            continue;
        if (!headed)
            printf("  %s\n", heading);
        headed = true;
        print_entry(entry, key);
    }
}

static void print_result(const char *path, const struct migrate_result *r)
{
    const struct json_object *migrated = json_get(r->run, "/migrated");
    print_safe(path);
    printf(": %s", r->format->name);
    struct json_object *versions = json_get_array(migrated, "/versions");
    for (size_t i = 0; versions != NULL && i < json_object_array_length(versions); i++)
        printf("%s %s", i > 0 ? "," : "", json_object_get_string(json_object_array_get_idx(versions, i)));
    printf(", %" PRId64 " records, %" PRId64 " samples, %" PRId64 " refused\n  ", r->records, r->samples,
        r->refused);
    print_safe(r->folder);
    fputs("\n", stdout);
    print_list(migrated, "/refusals", "/reason", NULL, "refused:");
    print_list(migrated, "/losses", "/pointer", "nowhere", "lost:");
    print_list(migrated, "/losses", "/pointer", "original",
        "without a field of ours, kept as it stood in metadata.migrated.original:");
    print_list(migrated, "/losses", "/pointer", "figure",
        "of a definition that is not ours, kept in metadata.migrated.figures:");
    print_list(migrated, "/notes", "/text", NULL, "notes:");
}

/* ---- for programs ---- */

static bool add_result(
    struct json_object *files, const char *path, const struct migrate_result *r, struct error *failure)
{
    struct json_object *file = json_object_new_object();
    bool ok = json_set_text(file, "file", path);
    if (failure != NULL)
        ok = ok && json_set_text(file, "error", error_text(failure));
    else
        ok = ok && json_set_text(file, "run", r->folder) &&
             json_set(file, "migrated", json_object_get(json_get(r->run, "/migrated")));
    return json_add(files, file) && ok;
}

static int print_json(struct json_object *files)
{
    struct json_object *tree = json_object_new_object();
    struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct error why = {0};
    enum status s = json_set(tree, "files", json_object_get(files))
                        ? json_write_pretty(tree, &text, &why)
                        : error_set(&why, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    json_object_put(tree);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("migrate", &why);
}

/* ---- the verb ---- */

static int migrate_one(const char *path, const struct migrate_command *o, struct json_object *files)
{
    const struct migrate_request request = {.from = o->from,
        .runs = o->out,
        .memory = o->memory,
        .assay_version = ASSAY_VERSION,
        .stop_asked = stop_asked};
    struct migrate_result result;
    struct error why = {0};
    enum status s = migrate_file(path, &request, &result, &why);
    int code = s != STATUS_OK ? verb_fail("migrate", &why) : result.refused > 0 ? EXIT_BAD : EXIT_FINE;
    if (o->json && !add_result(files, path, &result, s != STATUS_OK ? &why : NULL)) {
        (void)error_set(&why, STATUS_NO_MEMORY, "out of memory");
        code = verb_fail("migrate", &why);
    } else if (!o->json && s == STATUS_OK) {
        print_result(path, &result);
    }
    migrate_result_fini(&result);
    return code;
}

static int check_operands(const struct migrate_command *o, int count)
{
    struct error why = {0};
    if (count < 1)
        (void)error_set(&why, STATUS_USAGE, "which files? See assay migrate --help");
    else if (o->memory != NULL && count > 1)
        (void)error_set(&why, STATUS_USAGE, "--memory belongs to one file, but there are %d", count);
    else
        return EXIT_FINE;
    return verb_fail("migrate", &why);
}

static int migrate_main(int argc, char **argv)
{
    struct migrate_command o = {.out = "runs"};
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if ((code = check_operands(&o, argc - first)) != EXIT_FINE)
        return code;
    struct json_object *files = json_object_new_array();
    stop_begin();
    for (int i = first; i < argc && stop_asked() == 0; i++) {
        int of_this = migrate_one(argv[i], &o, files);
        code = of_this > code ? of_this : code;
    }
    if (o.json) {
        int printed = print_json(files);
        code = printed > code ? printed : code;
    }
    json_object_put(files);
    int signal = stop_asked();
    stop_end();
    return signal != 0 ? 128 + signal : code;
}

const struct verb cmd_migrate = {
    .name = "migrate",
    .summary = "make runs from files of older formats",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = migrate_main,
};
