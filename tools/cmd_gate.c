/* assay gate: may this run be trusted and released? */
#include "gate_judge.h"
#include "run_operand.h"
#include "verb.h"

#include "json.h"

#include <stdio.h>

struct gate_command {
    bool require_clean, json;
};

static const struct opt options[] = {
    {"require-clean", 0, OPT_FLAG, offsetof(struct gate_command, require_clean), NULL,
        "fail where the machine was not clean, and do not judge where that is unknown"},
    {"json", 0, OPT_FLAG, offsetof(struct gate_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "gate",
    .operands = "RUN",
    .summary = "Say whether a run is good enough to go on, and why not.",
    .details = "RUN is the folder of a run, its name below runs/, or \"latest\". Looks at outcomes (all "
               "passed or skipped), "
               "records (none lost, none invalid) and machine quality.\n\n"
               "  assay gate latest --require-clean\n\n"
               "Exit code: 0 pass; 1 fail; 3 cannot judge: nothing was measured, the run is not complete, or "
               "the machine's "
               "quality is unknown where it is required; 2 no such run.",
};

static int exit_code_of(enum gate_verdict verdict)
{
    static const int codes[] = {
        [GATE_PASS] = EXIT_FINE, [GATE_FAIL] = EXIT_BAD, [GATE_CANNOT_JUDGE] = EXIT_CANNOT_JUDGE};
    return codes[verdict];
}

static void print_text(const struct run_data *data, const struct gate *gate)
{
    printf("%s: %s\n", data->run_id[0] ? data->run_id : data->folder, gate_verdict_words(gate->verdict));
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++) {
        const struct gate_check *check = &gate->checks[c];
        printf("%s: %s\n", check->name, gate_verdict_words(check->verdict));
        for (size_t i = 0; i < check->reason_count; i++)
            printf("  %s\n", check->reasons[i]);
        if (check->advice && check->verdict != GATE_PASS)
            printf("  what to do: %s\n", check->advice);
    }
}

static struct json_object *check_to_json(const struct gate_check *check)
{
    struct json_object *tree = json_object_new_object(), *reasons = json_object_new_array();
    bool ok = json_set_text(tree, "name", check->name) &&
              json_set_text(tree, "verdict", gate_verdict_name(check->verdict));
    for (size_t i = 0; i < check->reason_count && ok; i++)
        ok = json_add_text(reasons, check->reasons[i]);
    ok = json_set(tree, "reasons", reasons) && ok;
    if (ok && check->advice && check->verdict != GATE_PASS)
        ok = json_set_text(tree, "advice", check->advice);
    if (ok)
        return tree;
    json_object_put(tree);
    return NULL;
}

static enum status print_json(const struct run_data *data, const struct gate *gate, struct error *e)
{
    struct json_object *tree = json_object_new_object(), *checks = json_object_new_array();
    struct buf text = BUF_INIT(64 << 20);
    bool ok = json_set_text(tree, "run_id", data->run_id) &&
              json_set_text(tree, "verdict", gate_verdict_name(gate->verdict)) &&
              json_set_bool(tree, "require_clean", gate->require_clean);
    for (size_t c = 0; c < GATE_CHECK_COUNT && ok; c++)
        ok = json_add(checks, check_to_json(&gate->checks[c]));
    ok = json_set(tree, "checks", checks) && ok;
    enum status s =
        ok ? json_write_pretty(tree, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the verdict");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    json_object_put(tree);
    return s;
}

static int gate_run(const struct run_data *data, const struct gate_command *o)
{
    struct gate gate;
    struct error why = {0};
    enum status s = gate_judge(data, o->require_clean, &gate, &why);
    if (s != STATUS_OK)
        return verb_fail("gate", &why);
    int code = exit_code_of(gate.verdict);
    if (!o->json)
        print_text(data, &gate);
    else if (print_json(data, &gate, &why) != STATUS_OK)
        code = verb_fail("gate", &why);
    gate_fini(&gate);
    return code;
}

static int gate_main(int argc, char **argv)
{
    struct gate_command o = {.json = false};
    struct run_data data;
    struct error why = {0};
    bool going_on = false;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (argc - first != 1) {
        (void)error_set(&why, STATUS_USAGE, "give one RUN: its folder, its name below runs/, or \"latest\"");
        return verb_fail("gate", &why);
    }
    if (run_operand_load(argv[first], &data, &going_on, &why) != STATUS_OK)
        return verb_fail("gate", &why);
    if (going_on) {
        fprintf(stderr, "assay gate: %s is still being measured: wait for its end, then ask again\n",
            argv[first]);
        code = EXIT_CANNOT_JUDGE;
    } else {
        code = gate_run(&data, &o);
    }
    run_data_fini(&data);
    return code;
}

const struct verb cmd_gate = {.name = "gate",
    .summary = "say whether a run is good enough to go on, and why not",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = gate_main};
