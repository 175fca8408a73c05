/* All verbs. A new one: its file in CMakeLists.txt, an extern line and a row here, in the order of --help. */
#include "verb.h"

extern const struct verb cmd_calibrate;
extern const struct verb cmd_capture;
extern const struct verb cmd_completion;
extern const struct verb cmd_doctor;
extern const struct verb cmd_finalise;
extern const struct verb cmd_gate;
extern const struct verb cmd_grade;
extern const struct verb cmd_list;
extern const struct verb cmd_live;
extern const struct verb cmd_load;
extern const struct verb cmd_manual;
extern const struct verb cmd_migrate;
extern const struct verb cmd_model;
extern const struct verb cmd_monitor;
extern const struct verb cmd_report;
extern const struct verb cmd_run;
extern const struct verb cmd_show;
extern const struct verb cmd_sign;
extern const struct verb cmd_sim;
extern const struct verb cmd_timeline;
extern const struct verb cmd_validate;
extern const struct verb cmd_verify;

const struct verb *const verbs_all[] = {
    &cmd_run,
    &cmd_load,
    &cmd_list,
    &cmd_show,
    &cmd_report,
    &cmd_timeline,
    &cmd_validate,
    &cmd_migrate,
    &cmd_gate,
    &cmd_grade,
    &cmd_verify,
    &cmd_sign,
    &cmd_sim,
    &cmd_model,
    &cmd_capture,
    &cmd_calibrate,
    &cmd_monitor,
    &cmd_doctor,
    &cmd_completion,
    &cmd_live,
    &cmd_finalise,
    &cmd_manual,
    NULL,
};
