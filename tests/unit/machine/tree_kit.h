/*
 * tree_kit.h - captured trees of /proc and /sys, copied so that a test can change them.
 *
 *     const char *root = tree_copy("laptop");                    // of tests/trees
 *     tree_edit(root, "/proc/vmstat", "pswpout 0", "pswpout 10");
 *
 * Files are changed in place, as the kernel does: descriptors that are open see the new text. Every function
 * fails the test where it cannot do its work; tree_edit also where the text to replace is not there.
 */
#ifndef ASSAY_TREE_KIT_H
#define ASSAY_TREE_KIT_H

/* A fresh copy; an earlier one of this test is removed. */
const char *tree_copy(const char *name);
/* The file or folder as the tree `name` has it, whatever was done to it; gone where the tree has none. */
void tree_restore(const char *root, const char *name, const char *path);
void tree_edit(const char *root, const char *path, const char *from, const char *to);
void tree_write(const char *root, const char *path, const char *text);
void tree_remove(const char *root, const char *path);

#endif
