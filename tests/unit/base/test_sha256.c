#include "sha256.h"

#include "testkit.h"

#include <string.h>

/* FIPS 180-4 examples, and lengths around the 55, 56, 63, 64 byte borders of the padding ("a" repeated). */
static const struct {
    const char *unit;
    size_t repeat;
    const char *hex;
} vectors[] = {
    {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {"a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
    {"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
};

static void published_vectors_come_out(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct buf text = BUF_INIT(1 << 20);
        char hex[65];
        for (size_t n = 0; n < vectors[i].repeat; n++)
            (void)buf_append_text(&text, vectors[i].unit);
        ck_assert_int_eq(buf_status(&text), STATUS_OK);
        sha256_hex(buf_text(&text), text.len, hex);
        ck_assert_str_eq(hex, vectors[i].hex);
        buf_fini(&text);
    }
}

static void pieces_of_any_size_give_the_same_digest(void)
{
    static const unsigned char bytes[300] = {1, 2, 3};
    unsigned char whole[32], pieces[32];
    struct sha256 h;
    sha256_init(&h);
    sha256_update(&h, bytes, sizeof bytes);
    sha256_final(&h, whole);
    for (size_t step = 1; step < 130; step++) {
        sha256_init(&h);
        for (size_t at = 0; at < sizeof bytes; at += step)
            sha256_update(&h, bytes + at, sizeof bytes - at < step ? sizeof bytes - at : step);
        sha256_final(&h, pieces);
        ck_assert_mem_eq(whole, pieces, 32);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(published_vectors_come_out),
        TESTKIT_TEST(pieces_of_any_size_give_the_same_digest),
        {0},
    };
    return testkit_run("sha256", tests);
}
