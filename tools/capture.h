/*
 * capture.h - exchanges with a server as files, an exchange a file of JSON lines (schemas/capture.schema.json).
 *
 *     struct capture *capture;
 *     struct capture_options o = {.folder = "captures/llamacpp", .names = names};
 *     if (capture_new(&o, &capture, &why) != STATUS_OK) ...
 *     target_options.tap = capture_tap(capture);
 *     capture_name(capture, "chat_stream");           // what follows goes to chat_stream.jsonl
 *     target_chat(target, &request, &x);
 *     if (capture_status(capture, &why) != STATUS_OK) ...     // what could not be written
 *     capture_free(capture);
 */
#ifndef ASSAY_CAPTURE_H
#define ASSAY_CAPTURE_H

#include "capture_neutral.h"
#include "status.h"
#include "target_tap.h"

struct capture;
struct target_info;

struct capture_options {
    const char *folder; /* made where it is not there; must hold no capture yet */
    struct capture_names names;
};

/* Texts of the options are borrowed. STATUS_USAGE: the folder holds captures; STATUS_IO. */
enum status capture_new(
    const struct capture_options *options, struct capture **capture, struct error *e) ASSAY_MUST_CHECK;
void capture_free(struct capture *capture);

const struct target_tap *capture_tap(struct capture *capture);
/* Of the exchanges from here on: NULL is what they ask for ("get_v1_models"). server: whom they are with, borrowed. */
void capture_name(struct capture *capture, const char *name, const struct target_info *server);

size_t capture_count(const struct capture *capture); /* files written */
enum status capture_status(const struct capture *capture, struct error *e) ASSAY_MUST_CHECK;

#endif
