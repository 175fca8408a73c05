#include "drm_clients.h"

#include "testkit.h"
#include "tree_kit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)

/* As the drivers print them, with lines that are not of interest left in. */
static const char amdgpu[] = "pos:\t0\nflags:\t02100002\nmnt_id:\t26\nino:\t1031\ndrm-driver:\tamdgpu\n"
                             "drm-client-id:\t42\ndrm-pdev:\t0000:03:00.0\npasid:\t32771\n"
                             "drm-memory-vram:\t4000 KiB\ndrm-memory-gtt: \t1000 KiB\n"
                             "drm-memory-cpu: \t0 KiB\namd-memory-visible-vram:\t4000 KiB\n"
                             "drm-engine-gfx:\t1500000000 ns\ndrm-engine-compute:\t500000000 ns\n";
/* A later kernel says the same twice. */
static const char amdgpu_later[] = "drm-driver:\tamdgpu\ndrm-client-id:\t42\ndrm-pdev:\t0000:03:00.0\n"
                                   "drm-total-vram:\t5 MiB\ndrm-shared-vram:\t0\ndrm-resident-vram:\t4 MiB\n"
                                   "drm-memory-vram:\t4096 KiB\ndrm-resident-gtt:\t512\n"
                                   "drm-engine-gfx:\t7 ns\n";
static const char i915_old[] = "drm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t7\n"
                               "drm-engine-render:\t25000 ns\ndrm-engine-capacity-video:\t2\n"
                               "drm-engine-video:\t5000 ns\n";
static const char xe[] = "drm-driver:\txe\ndrm-client-id:\t3\ndrm-pdev:\t0000:03:00.0\n"
                         "drm-total-vram0:\t9 MiB\ndrm-resident-vram0:\t8 MiB\ndrm-resident-gtt:\t1 MiB\n"
                         "drm-cycles-rcs:\t1000\ndrm-total-cycles-rcs:\t50000\n"
                         "drm-cycles-ccs:\t300\ndrm-total-cycles-ccs:\t50000\ndrm-engine-capacity-ccs:\t4\n";

static void each_driver_says_it_in_its_way(void)
{
    static const struct {
        const char *text, *device;
        uint64_t id, bytes, engine_ns;
        bool memory_told;
        size_t cycles;
    } drivers[] = {
        {amdgpu, "0000:03:00.0", 42, 5000 * 1024, 2000000000, true, 0},
        {amdgpu_later, "0000:03:00.0", 42, 4 * 1024 * 1024 + 512, 7, true, 0},
        {i915_old, "0000:00:02.0", 7, 0, 30000, false, 0},
        {xe, "0000:03:00.0", 3, 9 * 1024 * 1024, 0, true, 2},
    };
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
        struct drm_client c;
        ck_assert(drm_fdinfo_parse(drivers[i].text, &c));
        ck_assert_str_eq(c.device, drivers[i].device);
        ck_assert_uint_eq(c.id, drivers[i].id);
        ck_assert_uint_eq(c.memory_bytes, drivers[i].bytes);
        ck_assert_uint_eq(c.engine_ns, drivers[i].engine_ns);
        ck_assert_uint_eq(c.memory_told, drivers[i].memory_told);
        ck_assert_uint_eq(c.cycle_count, drivers[i].cycles);
        ck_assert(c.engines_told);
    }
    struct drm_client c;
    ck_assert(drm_fdinfo_parse(xe, &c));
    ck_assert_str_eq(c.cycles[1].engine, "ccs");
    ck_assert(c.cycles[1].busy == 300 && c.cycles[1].total == 50000);
}

static void what_tells_no_client_is_none(void)
{
    static const char *const none[] = {"", "pos:\t0\nflags:\t02\n", "drm-driver:\tamdgpu\n",
        "drm-client-id:\t7", "drm-client-id:\t\n", "drm-client-id:\tx\n", "drm-client-id:\t-1\n",
        "drm-client-id:\t99999999999999999999\n", "drm-client-identity:\t7\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct drm_client c = {.id = 5};
        ck_assert_msg(!drm_fdinfo_parse(none[i], &c) && c.id == 5, "%s", none[i]);
    }
}

static void figures_beyond_all_measure_are_left_out(void)
{
    struct drm_client c;
    ck_assert(drm_fdinfo_parse("drm-client-id:\t1\n"
                               "drm-resident-vram:\t18446744073709551615 KiB\ndrm-resident-gtt:\t1 KiB\n"
                               "drm-resident-odd:\t5 pages\n"
                               "drm-engine-a:\t18446744073709551615 ns\ndrm-engine-b:\t1 ns\n"
                               "drm-engine-c:\t3 cycles\n"
                               "drm-cycles-an-engine-with-a-very-long-name:\t7\ndrm-cycles-:\t8\n"
                               "drm-pdev:\t0000:00:00.0-and-much-more-than-any-device-is-called\n",
        &c));
    ck_assert_uint_eq(c.memory_bytes, 1024);
    ck_assert_uint_eq(c.engine_ns, UINT64_MAX);
    ck_assert_uint_eq(c.cycle_count, 0);
    ck_assert_str_eq(c.device, "");
}

static void more_engines_than_expected_are_passed_over(void)
{
    struct drm_client c;
    struct buf text = BUF_INIT(4096);
    buf_append_text(&text, "drm-client-id:\t1\n");
    for (int i = 0; i < 20; i++)
        buf_printf(&text, "drm-cycles-e%d:\t%d\ndrm-total-cycles-e%d:\t100\n", i, i, i);
    ck_assert(drm_fdinfo_parse(buf_text(&text), &c));
    ck_assert_uint_eq(c.cycle_count, DRM_ENGINES_MAX);
    ck_assert_str_eq(c.cycles[DRM_ENGINES_MAX - 1].engine, "e7");
    ck_assert_uint_eq(c.cycles[DRM_ENGINES_MAX - 1].busy, 7);
    buf_fini(&text);
}

/* One look at a process that has the descriptors 3, 4, ... with these texts. */
static void look(struct drm_clients *c, int64_t t_ns, const char *const *texts)
{
    drm_clients_begin(c, t_ns);
    for (int i = 0; texts[i]; i++) {
        char path[64], name[16];
        snprintf(path, sizeof path, "/proc/200/fdinfo/%d", 3 + i);
        snprintf(name, sizeof name, "%d", 3 + i);
        tree_write(testkit_tmp(), path, texts[i]);
        drm_clients_note(c, testkit_tmp(), 200, name);
    }
    drm_clients_note(c, testkit_tmp(), 200, "99"); /* closed meanwhile */
    drm_clients_end(c);
}

static void close_to(double a, double b)
{
    ck_assert_msg(fabs(a - b) < 1e-9, "%g, %g", a, b);
}

static void engines_work_from_the_first_look_on(void)
{
    struct drm_clients *c = drm_clients_new();
    ck_assert_ptr_nonnull(c);
    look(c, S, (const char *const[]){amdgpu, amdgpu, NULL}); /* one client, two descriptors */
    ck_assert(c->memory_told && c->engines_told && c->busy_s == 0);
    close_to(c->memory_bytes, 5000 * 1024);
    look(c, 2 * S,
        (const char *const[]){
            "drm-client-id:\t42\ndrm-pdev:\t0000:03:00.0\ndrm-engine-gfx:\t2250000000 ns\n", i915_old, NULL});
    close_to(c->busy_s, 0.25 + 30e-6); /* a client that is new, and all that it did */
    look(c, 3 * S, (const char *const[]){i915_old, NULL});
    close_to(c->busy_s, 0.25 + 30e-6); /* one that has gone: what it used stays used */
    look(c, 4 * S, (const char *const[]){NULL});
    ck_assert(!c->memory_told && c->memory_bytes == 0);
    close_to(c->busy_s, 0.25 + 30e-6);
    drm_clients_free(c);
}

static void a_client_of_another_device_is_another_client(void)
{
    struct drm_clients *c = drm_clients_new();
    static const char here[] = "drm-client-id:\t1\ndrm-pdev:\t0000:03:00.0\ndrm-resident-vram:\t1 KiB\n",
                      there[] = "drm-client-id:\t1\ndrm-pdev:\t0000:04:00.0\ndrm-resident-vram:\t1 KiB\n";
    look(c, S, (const char *const[]){here, there, here, NULL});
    close_to(c->memory_bytes, 2048);
    drm_clients_free(c);
}

static void cycles_are_a_share_of_the_time(void)
{
    struct drm_clients *c = drm_clients_new();
    look(c, S, (const char *const[]){xe, NULL});
    look(c, 3 * S,
        (const char *const[]){"drm-client-id:\t3\ndrm-pdev:\t0000:03:00.0\n"
                              "drm-cycles-rcs:\t26000\ndrm-total-cycles-rcs:\t100000\n"
                              "drm-cycles-ccs:\t300\ndrm-total-cycles-ccs:\t100000\n",
            NULL});
    close_to(c->busy_s, 2 * 0.5); /* half of two seconds */
    look(c, 4 * S,
        (const char *const[]){"drm-client-id:\t3\ndrm-pdev:\t0000:03:00.0\n"
                              "drm-cycles-rcs:\t5\ndrm-total-cycles-rcs:\t100000\n",
            NULL});
    close_to(c->busy_s, 2 * 0.5); /* a counter that fell is no work */
    drm_clients_free(c);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_driver_says_it_in_its_way),
        TESTKIT_TEST(what_tells_no_client_is_none),
        TESTKIT_TEST(figures_beyond_all_measure_are_left_out),
        TESTKIT_TEST(more_engines_than_expected_are_passed_over),
        TESTKIT_TEST(engines_work_from_the_first_look_on),
        TESTKIT_TEST(a_client_of_another_device_is_another_client),
        TESTKIT_TEST(cycles_are_a_share_of_the_time),
        {0},
    };
    return testkit_run("drm_clients", tests);
}
