/* All verbs. A new one: its file in CMakeLists.txt, an extern line and a row here, in the order of --help. */
#include "verb.h"

const struct verb *const verbs_all[] = {
    NULL,
};
