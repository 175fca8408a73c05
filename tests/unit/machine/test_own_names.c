#include "own_names.h"

#include "testkit.h"
#include "tree_kit.h"

#include <stdio.h>
#include <string.h>

static struct own_names *names;

static void begin(void)
{
    names = own_names_new();
    ck_assert_ptr_nonnull(names);
    ck_assert(own_names_add_host(names, "zanzibar.example.net"));
    ck_assert(own_names_add_user(names, "zoe"));
    ck_assert(own_names_add_home(names, "/home/zoe/"));
    ck_assert(own_names_add_serial(names, "02:42:ac:11:00:02"));
}

static void becomes(const char *text, const char *wanted)
{
    struct buf out = BUF_INIT(4096);
    ck_assert(own_names_replace(names, text, strlen(text), &out));
    ck_assert_str_eq(buf_text(&out), wanted);
    ck_assert_msg(own_names_in(names, text, strlen(text)) == (strcmp(text, wanted) != 0), "%s", text);
    buf_fini(&out);
}

static void names_are_whole_words(void)
{
    begin();
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"", ""},
        {"zoe", "someone"},
        {"zoe@zanzibar", "someone@anonymous"},
        {"zoes zoe_ azoe 2zoe zoe2", "zoes zoe_ azoe 2zoe zoe2"},
        {"zoe-backup, (zoe) zoe.", "someone-backup, (someone) someone."},
        {"Zoe is no account", "Zoe is no account"},
        {"http://ZANZIBAR:8080/v1", "http://anonymous:8080/v1"},
        {"zanzibar.example.net and zanzibar", "anonymous and anonymous"},
        {"zanzibar.example.network", "anonymous.example.network"},
        {"/home/zoe", "~"},
        {"cannot open /home/zoe/models/x.gguf: /home/zoey/y", "cannot open ~/models/x.gguf: /home/zoey/y"},
        {"file:///home/zoe/x", "file://~/x"},
        {"link/ether 02:42:AC:11:00:02 brd", "link/ether *** brd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        becomes(rows[i].text, rows[i].wanted);
    own_names_free(names);
}

static void what_belongs_to_everybody_is_no_name(void)
{
    begin();
    static const char *const nobodys[] = {
        "root", "ubuntu", "a", "", "Default string", "00:00:00:00:00:00", "0000-0000-0000", "xxxxxxxx"};
    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++) {
        char text[128];
        ck_assert(own_names_add_user(names, nobodys[i]) && own_names_add_serial(names, nobodys[i]));
        snprintf(text, sizeof text, "of %s, here", nobodys[i]);
        becomes(text, text);
    }
    ck_assert(own_names_add_host(names, "localhost"));
    becomes("http://localhost:1", "http://localhost:1");
    ck_assert(own_names_add_home(names, "/") && own_names_add_home(names, ""));
    becomes("/ and /usr", "/ and /usr");
    own_names_free(names);
}

static void a_word_of_our_own_is_kept(void)
{
    begin();
    ck_assert(own_names_add_host(names, "chat"));
    becomes("chat.short", "anonymous.short");
    own_names_forget(names, "chat");
    becomes("chat.short of zoe", "chat.short of someone");
    own_names_free(names);
}

static void a_machine_tells_its_names_and_numbers(void)
{
    begin();
    const char *root = testkit_tmp_path("root");
    tree_write(root, "/proc/sys/kernel/hostname", "tasmania\n");
    tree_write(root, "/proc/sys/kernel/random/boot_id", "0b8f2a9e-1111-4222-8333-444455556666\n");
    tree_write(root, "/etc/machine-id", "5f0c9d3e7b6a48d29d1c0e8f7a6b5c4d\n");
    tree_write(root, "/sys/class/dmi/id/product_serial", "PF-2XK77\n");
    tree_write(root, "/sys/class/dmi/id/board_serial", "To be filled by O.E.M.\n");
    tree_write(root, "/sys/class/net/eth0/address", "3c:7c:3f:01:02:03\n");
    tree_write(root, "/sys/class/net/lo/address", "00:00:00:00:00:00\n");
    ck_assert(own_names_of_machine(names, root));
    becomes("tasmania PF-2XK77 3c:7c:3f:01:02:03 00:00:00:00:00:00", "anonymous *** *** 00:00:00:00:00:00");
    becomes("5f0c9d3e7b6a48d29d1c0e8f7a6b5c4d/0b8f2a9e-1111-4222-8333-444455556666", "***/***");
    own_names_free(names);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(names_are_whole_words),
        TESTKIT_TEST(what_belongs_to_everybody_is_no_name),
        TESTKIT_TEST(a_word_of_our_own_is_kept),
        TESTKIT_TEST(a_machine_tells_its_names_and_numbers),
        {0},
    };
    return testkit_run("own_names", tests);
}
