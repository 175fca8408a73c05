/*
 * assay_api.h - marks of the public interface, and what else its headers need of the compiler.
 *
 * The library is compiled with everything hidden; only what carries ASSAY_API can be called by a program that links
 * to it. Public headers are C11 and C++17, and stand between ASSAY_BEGIN and ASSAY_END:
 *
 *     ASSAY_BEGIN
 *     ASSAY_API int assay_repeats(const struct assay_context *ctx);
 *     ASSAY_END
 *
 * tools/cmake/libassay.symbols lists what is marked; docs/library.md says what may change.
 */
#ifndef ASSAY_API_H
#define ASSAY_API_H

#define ASSAY_API __attribute__((visibility("default")))
#define ASSAY_MUST_CHECK __attribute__((warn_unused_result))
#define ASSAY_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

#ifdef __cplusplus
#define ASSAY_BEGIN extern "C" {
#define ASSAY_END }
#else
#define ASSAY_BEGIN
#define ASSAY_END
#endif

#endif
