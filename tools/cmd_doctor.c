/* assay doctor - what is installed, found and permitted on this machine. */
#include "verb.h"

#include "doctor.h"
#include "json.h"

#include <stdio.h>

struct doctor_options {
    bool json, anonymise;
};

static const struct opt options_table[] = {
    {"json", 0, OPT_FLAG, offsetof(struct doctor_options, json), NULL, "print JSON"},
    {"anonymise", 0, OPT_FLAG, offsetof(struct doctor_options, anonymise), NULL,
        "leave out whose machine it is: its name, its boot, folders"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "doctor",
    .operands = "",
    .summary = "Shows what is installed, found and permitted on this machine.",
    .details = "Each sensor is named with its source or with the reason why it cannot be\n"
               "read. Nothing is changed, and nothing but the usual ports of this machine\n"
               "is contacted.\n\n"
               "  assay doctor\n"
               "  assay doctor --json | jq .sensors\n",
};

static enum status print_json(const struct json_object *doctor, struct error *e)
{
    struct buf text = BUF_INIT(1 << 20);
    enum status status = json_write_pretty(doctor, &text, e);
    if (status == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return status;
}

static int doctor_main(int argc, char **argv)
{
    struct doctor_options options = {0};
    struct error why = {0};
    int operand, code;
    if (!verb_begin(&usage, options_table, &options, argc, argv, &operand, &code))
        return code;
    if (verb_refuses_operand(&usage, argc, argv, operand, &code))
        return code;
    struct json_object *doctor = json_object_new_object();
    enum status status = doctor_examine(doctor, &why);
    if (status == STATUS_OK && options.anonymise)
        doctor_anonymise(doctor);
    if (status == STATUS_OK && options.json)
        status = print_json(doctor, &why);
    else if (status == STATUS_OK)
        doctor_print(doctor);
    json_object_put(doctor);
    return status == STATUS_OK ? EXIT_FINE : verb_fail("doctor", &why);
}

const struct verb cmd_doctor = {.name = "doctor",
    .summary = "show what is installed, found and permitted on this machine",
    .group = VERB_TOOLS,
    .usage = &usage,
    .options = options_table,
    .main = doctor_main};
