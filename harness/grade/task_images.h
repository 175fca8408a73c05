/*
 * task_images.h - the pictures of a task: a data: URL in base64, or a file beside the file of tasks.
 *
 * A run keeps its tasks whole, so files are taken in before it starts:
 *
 *     struct buf lines = BUF_INIT(TASK_IMAGES_BYTES);
 *     if (task_images_any(&tasks) &&
 *         task_images_take_in(&tasks, "folder/of/the/tasks", &lines, &why) != STATUS_OK) ...
 *
 * What a picture is, its first bytes say: PNG, JPEG, GIF, WebP, and nothing else.
 */
#ifndef ASSAY_TASK_IMAGES_H
#define ASSAY_TASK_IMAGES_H

#include "task.h"

#define TASK_IMAGE_BYTES ((size_t)20 << 20) /* of one picture */

/* "image/png", ...; NULL: no picture that servers take. */
const char *task_image_type(const void *bytes, size_t len);

/* Appends "data:TYPE;base64,...". STATUS_INVALID: no picture. */
enum status task_image_append(
    const void *bytes, size_t len, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* Splits a data: URL; false: it is none. *base64 points into image. */
bool task_image_split(const char *image, char type[32], const char **base64, size_t *len);

bool task_images_any(const struct task_list *tasks);

/* Appends the tasks as JSON lines, each with its id and its pictures in it. */
enum status task_images_take_in(
    const struct task_list *tasks, const char *folder, struct buf *lines, struct error *e) ASSAY_MUST_CHECK;

#endif
