/*
 * json.h - strict JSON (RFC 8259) on json-c trees.
 *
 * A tree is json-c's: struct json_object, NULL for null, freed with json_object_put(). Getters borrow from
 * the tree; json_set and json_add take the value over, also when they fail. A tree belongs to one thread at a
 * time.
 *
 *     struct json_object *tree = NULL, *out = json_object_new_object();
 *     struct error why = {0};
 *     if (json_read_file("run.json", &tree, &why) != STATUS_OK)
 *         return verb_fail("show", &why);                      // "run.json:3:14: a value was expected"
 *     const char *host = json_get_text(tree, "/machine/host"); // NULL: absent or not a string
 *     bool ok = json_set_text(out, "host", host ? host : "?");
 *     ok &= json_set_int(out, "n", 3);
 *     if (ok && json_write(out, &line, &why) == STATUS_OK) ... // {"host":"box","n":3}
 */
#ifndef ASSAY_JSON_H
#define ASSAY_JSON_H

#include "buf.h"

#include <json-c/json.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 128                /* nested arrays and objects */
#define JSON_FILE_MAX ((size_t)256 << 20) /* json_read_file */
#define JSON_TREE_MAX ((uint64_t)4 << 30) /* bytes of a tree: "{}," takes 270 times its text */

/*
 * One JSON value with nothing but white space around it. Refused with line and column: anything RFC 8259 does
 * not allow, and also duplicate keys, invalid UTF-8, lone surrogates, a NUL inside a key (json-c cannot hold
 * it), depth beyond JSON_DEPTH_MAX, a tree beyond JSON_TREE_MAX, a number too large for a double. Numbers:
 * without fraction and exponent an integer where it fits int64 or uint64 (-0 is 0), otherwise the nearest double;
 * never saturated.
 * STATUS_INVALID, STATUS_LIMIT, STATUS_NO_MEMORY. *tree is NULL for null and after an error.
 */
enum status json_parse(
    const char *text, size_t len, struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;

/* A whole file, "-" is stdin; the error names the file. Also STATUS_NOT_FOUND, STATUS_IO. */
enum status json_read_file(const char *path, struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;

/*
 * Appends compact JSON on one line, without newline; the same in every locale. Doubles in the shortest form
 * that reads back as the same double, with ".0" where they would look like integers. Bytes of a string that
 * are not UTF-8 become U+FFFD. STATUS_INVALID with the pointer for NaN and infinity, STATUS_LIMIT,
 * STATUS_NO_MEMORY.
 */
enum status json_write(const struct json_object *tree, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* The same over several lines, indented by 2, with a newline at the end: for files that people open. */
enum status json_write_pretty(
    const struct json_object *tree, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* Appends text (len bytes) as a JSON string with its quotes. */
enum status json_write_text(const char *text, size_t len, struct buf *out);

/* Appends a finite number as json_write does; for NaN and infinity appends nothing and returns
 * STATUS_INVALID. */
enum status json_write_real(double value, struct buf *out) ASSAY_MUST_CHECK;

/* Equal as JSON Schema understands it: 1 equals 1.0, order of keys does not matter. Integers are compared
 * exactly. */
bool json_deep_equal(const struct json_object *a, const struct json_object *b);

/*
 * The value at a JSON pointer (RFC 6901), borrowed; "" is the tree itself. NULL where there is nothing, or
 * null. json_find tells the two apart: true if something is there, null included.
 */
struct json_object *json_get(const struct json_object *tree, const char *pointer);
bool json_find(const struct json_object *tree, const char *pointer, struct json_object **value);

/* The value at a pointer if it is of that type, else NULL or false with *value untouched. */
const char *json_get_text(const struct json_object *tree, const char *pointer);
bool json_get_int(
    const struct json_object *tree, const char *pointer, int64_t *value); /* also 3.0; within int64 */
bool json_get_real(const struct json_object *tree, const char *pointer, double *value); /* any number */
bool json_get_bool(const struct json_object *tree, const char *pointer, bool *value);
struct json_object *json_get_object(const struct json_object *tree, const char *pointer);
struct json_object *json_get_array(const struct json_object *tree, const char *pointer);

/*
 * Members of an object and items of an array. False: no memory (also where object or value is NULL, so that
 * calls nest: json_set(o, "x", json_object_new_int64(1))), or a number that is not finite. An existing member
 * is replaced.
 */
bool json_set(struct json_object *object, const char *key, struct json_object *value);
bool json_set_null(struct json_object *object, const char *key);
bool json_set_text(struct json_object *object, const char *key, const char *text);
bool json_set_bytes(struct json_object *object, const char *key, const char *text, size_t len);
bool json_set_int(struct json_object *object, const char *key, int64_t value);
bool json_set_real(struct json_object *object, const char *key, double value);
bool json_set_bool(struct json_object *object, const char *key, bool value);
bool json_add(struct json_object *array, struct json_object *value);
bool json_add_text(struct json_object *array, const char *text);
bool json_add_int(struct json_object *array, int64_t value);
bool json_add_real(struct json_object *array, double value);

/* Appends "/key" to a JSON pointer, with ~ and / escaped. */
enum status json_pointer_append(struct buf *pointer, const char *key);

/*
 * Where the value at a pointer begins in the text that was parsed: the cheap way to give a line to a fault
 * that was found in the tree. False where text is not valid JSON or has nothing there.
 */
bool json_locate(const char *text, size_t len, const char *pointer, long *line, long *column);

#endif
