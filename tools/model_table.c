#include "model_table.h"

#include "text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- text within columns ---- */

/* One column for each character; wide ones are rare in the names of models and cost a ragged edge only. */
static int columns_of(const char *text, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Bytes of the first `columns` characters. */
static size_t bytes_of(const char *text, size_t len, int columns)
{
    size_t i = 0;
    for (int n = 0; i < len; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80 && n++ == columns)
            break;
    return i;
}

void model_table_append_cut(struct buf *out, const char *text, int columns, bool pad)
{
    struct buf clean = BUF_INIT(4096);
    text_sanitise_line(&clean, text, strlen(text), 300);
    int have = columns_of(buf_text(&clean), clean.len);
    if (columns > 0 && have > columns) {
        bool room = columns > 6;
        buf_append(
            out, buf_text(&clean), bytes_of(buf_text(&clean), clean.len, room ? columns - 3 : columns));
        buf_append_text(out, room ? "..." : "");
        have = columns;
    } else {
        buf_append(out, buf_text(&clean), clean.len);
    }
    for (; pad && have < columns; have++)
        buf_append_char(out, ' ');
    buf_fini(&clean);
}

static int shown_columns(const char *text)
{
    struct buf clean = BUF_INIT(4096);
    text_sanitise_line(&clean, text, strlen(text), 300);
    int n = columns_of(buf_text(&clean), clean.len);
    buf_fini(&clean);
    return n;
}

/* ---- columns ---- */

static const struct {
    const char *title;
    int width; /* negative: to the left */
} columns[] = {{"FORMAT", -12}, {"QUANT", -9}, {"PARAMS", 7}, {"SIZE", 9}, {"CONTEXT", 8}, {"MODALITY", -13},
    {"STATE", -6}};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0], CELL_SIZE = 64 };

static int width_of_facts(void)
{
    int sum = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        sum += 1 + (columns[i].width < 0 ? -columns[i].width : columns[i].width);
    return sum;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void model_table_measure(struct model_table *table, const struct portfolio *p, FILE *out)
{
    struct winsize size;
    int target = 6, model = 5;
    for (size_t i = 0; i < p->count; i++) {
        target = clamp(shown_columns(p->targets[i].info.name), target, 24);
        for (size_t j = 0; j < p->targets[i].models.count; j++)
            model = clamp(shown_columns(p->targets[i].models.items[j].id), model, 300);
    }
    *table = (struct model_table){.target_columns = target, .model_columns = clamp(model, 5, 64)};
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return;
    table->cut = true;
    table->model_columns = clamp(model, 5, clamp(size.ws_col - width_of_facts() - target - 1, 12, 300));
}

void model_table_print_head(const struct model_table *table, FILE *out)
{
    fprintf(out, "%-*s %-*s", table->target_columns, "TARGET", table->model_columns, "MODEL");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %*s", columns[i].width, columns[i].title);
    fputc('\n', out);
}

void model_table_modalities(const struct model_info *m, char *words, size_t size)
{
    static const struct {
        unsigned bit;
        const char *word;
    } names[] = {{MODALITY_TEXT, "text"}, {MODALITY_VISION, "vision"}, {MODALITY_AUDIO, "audio"},
        {MODALITY_EMBEDDING, "embedding"}, {MODALITY_IMAGE, "image"}, {MODALITY_SPEECH, "speech"},
        {MODALITY_RERANK, "rerank"}};
    size_t n = 0;
    words[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((m->modalities & names[i].bit) && n + 12 < size)
            n += (size_t)snprintf(words + n, size - n, "%s%s", n ? "+" : "", names[i].word);
}

static void format_parameters(char *cell, size_t size, int64_t parameters)
{
    double billions = (double)parameters / 1e9;
    text_format_significant(cell, size, billions >= 1 ? billions : billions * 1e3, 3);
    size_t n = strlen(cell);
    snprintf(cell + n, size - n, "%s", billions >= 1 ? "B" : "M");
}

static void fill_cells(const struct model_info *m, char cells[COLUMN_COUNT][CELL_SIZE])
{
    static const unsigned guessable[COLUMN_COUNT] = {
        MODEL_FORMAT, MODEL_QUANTIZATION, MODEL_PARAMETERS, 0, MODEL_CONTEXT, MODEL_MODALITIES, 0};
    char plain[COLUMN_COUNT][CELL_SIZE - 1] = {{0}};
    int64_t context =
        m->state == MODEL_LOADED && m->loaded_context > 0 ? m->loaded_context : m->context_length;
    snprintf(plain[0], sizeof plain[0], "%s", m->format);
    snprintf(plain[1], sizeof plain[1], "%s", m->quantization);
    if (m->parameters > 0)
        format_parameters(plain[2], sizeof plain[2], m->parameters);
    if (m->size_bytes > 0)
        text_format_bytes(plain[3], sizeof plain[3], (double)m->size_bytes);
    if (context > 0)
        snprintf(plain[4], sizeof plain[4], "%lld", (long long)context);
    model_table_modalities(m, plain[5], sizeof plain[5]);
    snprintf(plain[6], sizeof plain[6], "%s", m->state == MODEL_LOADED ? "loaded" : m->state ? "-" : "");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        snprintf(cells[i], CELL_SIZE, "%s%s", m->guessed & guessable[i] ? "~" : "", plain[i]);
}

void model_table_print(
    const struct model_table *table, const char *target, const struct model_info *m, FILE *out)
{
    struct buf line = BUF_INIT(8192), cell = BUF_INIT(1024);
    char cells[COLUMN_COUNT][CELL_SIZE];
    bool wide = !table->cut && shown_columns(m->id) > table->model_columns;
    fill_cells(m, cells);
    model_table_append_cut(&line, target, table->target_columns, true);
    buf_append_char(&line, ' ');
    model_table_append_cut(&line, m->id, wide ? 0 : table->model_columns, true);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        buf_clear(&cell);
        model_table_append_cut(&cell, cells[i], 0, false); /* a server's words too */
        buf_printf(&line, " %*s", columns[i].width, buf_text(&cell));
    }
    while (line.len > 0 && buf_text(&line)[line.len - 1] == ' ')
        line.len--;
    fprintf(out, "%.*s\n", (int)line.len, buf_text(&line));
    buf_fini(&line);
    buf_fini(&cell);
}
