#include "manual_facts.h"

#include <stdio.h>
#include <string.h>

#define RUNS " run load list "
#define MEASURES " run load calibrate "
#define READS_RUNS " show report timeline gate grade monitor verify sign "

const struct manual_fact manual_variables[] = {
    {"ASSAY_API_KEY", "the key that servers are sent; a key never stands on the command line",
        " run load list capture "},
    {"OPENAI_API_KEY", "the same for servers that are named, where ASSAY_API_KEY is not set",
        " run load list capture "},
    {"ASSAY_CONFIG", "the configuration file instead of ./assay.yaml; none for neither it nor .env", RUNS},
    {"ASSAY_ESPEAK", "the program that speaks what the suite audio has transcribed (default: espeak-ng)",
        " run "},
    {"ASSAY_HTTP_ENGINE",
        "curl: every request goes through libcurl, also those that assay would send by itself", " run load "},
    {"ASSAY_KEY_PASSPHRASE", "the passphrase of the private key; a new key is encrypted with it", " sign "},
    {"ASSAY_LMS", "the program lms of LM Studio, where it is not on the PATH", RUNS},
    {"ASSAY_LOCK_FILE",
        "the file by which measurements on one machine exclude each other; none for no exclusion (default: "
        "assay.lock in XDG_RUNTIME_DIR)",
        MEASURES},
    {"ASSAY_LOG", "warning: no notes on standard error, warnings and errors only", MEASURES},
    {"ASSAY_POWERMETRICS", "1: on macOS, powermetrics is asked through sudo -n what the chip draws",
        " run load monitor doctor "},
    {"ASSAY_SETS_URL", "where public sets are fetched instead of their own servers", " run "},
    {"ASSAY_LIVE_REUSE", "1: live tests of ctest are those that were found before, and no server is asked",
        NULL},
    {"HF_TOKEN", "the token for public sets that Hugging Face gives to those only who agreed to their terms",
        " run "},
    {"NO_COLOR", "where it is set, nothing is coloured", " run load doctor "},
    {"SSL_CERT_FILE", "the authorities that are trusted instead of the machine's, where --cacert names none",
        RUNS},
    {"TMPDIR", "the folder for temporary files (default: /tmp)", " load sim report show gate "},
    {"XDG_CACHE_HOME", "public sets are kept in assay/sets below it (default: ~/.cache)", " run "},
    {"XDG_DATA_HOME", "calibration.json is kept in assay below it (default: ~/.local/share)",
        " load calibrate "},
    {"XDG_RUNTIME_DIR", "assay.lock is made in it", MEASURES},
    {0},
};

const struct manual_fact manual_files[] = {
    {"assay.yaml", "the configuration, in the folder in which assay is started", RUNS},
    {".env", "variables, NAME=value, beside assay.yaml; what the environment has goes before them", RUNS},
    {"runs/", "a folder for each run: UTC date and time, host, four digits", " run "},
    {"runs/latest", "a link to the newest run; the RUN \"latest\"", " run" READS_RUNS},
    {"run.json", "of a run: what was planned, on what machine, on which servers and models", " run "},
    {"benchmark.jsonl", "of a run: the records, a line for each test", " run validate" READS_RUNS},
    {"exchanges.jsonl", "of a run: each request with all its times", " run "},
    {"answers.jsonl", "of a run: what was asked and answered", " run grade "},
    {"samples.jsonl", "of a run: the machine, several times a second", " run monitor timeline "},
    {"run.json.*.sig", "of a run: signatures of run.json, named after their keys", " sign verify "},
    {"report.md, junit.xml", "of a run: the reports", " run report "},
    {"~/.local/share/assay/calibration.json", "what the load client of this machine gets wrong by itself",
        " load calibrate "},
    {"~/.cache/assay/sets/", "public sets that were fetched", " run "},
    {0},
};

const struct manual_fact manual_exit_codes[] = {
    {"0", "all is well", NULL},
    {"1", "what was checked is bad: a test failed, a record was lost, a file is not valid", NULL},
    {"2", "usage or configuration", NULL},
    {"3",
        "cannot judge: nothing to run, too little data, or the machine's quality is unknown where it is "
        "required",
        NULL},
    {"4", "assay itself could not do its work, for example write a file", NULL},
    {"77", "skipped; in tests that ctest runs", NULL},
    {"128 + N", "ended by signal N", NULL},
    {0},
};

bool manual_fact_is_of(const struct manual_fact *fact, const char *verb)
{
    char word[64];
    int len = snprintf(word, sizeof word, " %s ", verb);
    return fact->verbs != NULL && len > 0 && (size_t)len < sizeof word && strstr(fact->verbs, word) != NULL;
}
