// The same from C++.
#include <assay/assay.h>

static void is_told(assay_context *ctx)
{
    assay_note(ctx, "language", "%s", "C++");
    ck_assert_int_eq(6 * 7, 41);
}

int main(int argc, char **argv)
{
    static assay_case cases[2] = {};
    cases[0].id = "cpp.failure";
    cases[0].summary = "fails";
    cases[0].body = is_told;
    cases[0].version = 1;
    cases[0].no_target = true;
    assay_suite suite = {};
    suite.cases = cases;
    suite.name = "mysuite_cpp";
    return assay_main(argc, argv, &suite);
}
