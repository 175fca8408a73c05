/*
 * model_table.h - the models of a portfolio as lines of a table, cut to the terminal.
 *
 *     struct model_table table;
 *     model_table_measure(&table, &portfolio, stdout);
 *     model_table_print_head(&table, stdout);
 *     model_table_print(&table, target, model, stdout);
 *
 * Where out is no terminal nothing is cut: a program may read it. A '~' stands before what is a guess.
 */
#ifndef ASSAY_MODEL_TABLE_H
#define ASSAY_MODEL_TABLE_H

#include "portfolio.h"

#include <stdio.h>

struct model_table {
    int target_columns, model_columns;
    bool cut;
};

void model_table_measure(struct model_table *table, const struct portfolio *portfolio, FILE *out);
void model_table_print_head(const struct model_table *table, FILE *out);
void model_table_print(
    const struct model_table *table, const char *target, const struct model_info *model, FILE *out);

/* "text+vision"; "" where unknown. */
void model_table_modalities(const struct model_info *model, char *words, size_t size);

/* Text as columns of a terminal shows it, on one line, cut with "..." where it is wider; columns 0: uncut. */
void model_table_append_cut(struct buf *out, const char *text, int columns, bool pad);

#endif
