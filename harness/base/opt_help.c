/* The words of --help: aligned, wrapped to the terminal. */
#include "opt.h"

#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NARROWEST = 40, WIDEST = 100, ORDINARY = 80, HELP_COLUMN_MAX = 32 };

int opt_help_width(FILE *out)
{
    struct winsize size;
    int64_t width = 0;
    int fd = fileno(out);
    const char *columns = getenv("COLUMNS");
    if (fd < 0 || !isatty(fd))
        return ORDINARY;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns == NULL || !text_parse_i64(columns, &width))
        width = ORDINARY;
    return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : (int)width;
}

/* Columns that text takes: code points, which is right for what we write ourselves. */
static int columns_of(const char *text, size_t len)
{
    int columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

void opt_print_wrapped(FILE *out, const char *text, size_t len, int column, int indent, int width)
{
    bool first = true;
    while (len > 0) {
        size_t blanks = 0, word = 0;
        while (blanks < len && (text[blanks] == ' ' || text[blanks] == '\n'))
            blanks++;
        while (blanks + word < len && text[blanks + word] != ' ' && text[blanks + word] != '\n')
            word++;
        int taken = columns_of(text + blanks, word);
        if (word > 0 && !first && column + 1 + taken > width) {
            (void)fprintf(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        if (word > 0)
            (void)fprintf(out, "%s%.*s", first ? "" : " ", (int)word, text + blanks);
        column += taken + (first ? 0 : 1);
        first = first && word == 0;
        text += blanks + word;
        len -= blanks + word;
    }
    (void)fputc('\n', out);
}

static bool is_paragraph_line(const char *line)
{
    return line[0] != '\0' && line[0] != '\n' && line[0] != ' ';
}

/* Length of the paragraph at text: its lines up to an empty one or an example. */
static size_t paragraph_length(const char *text)
{
    size_t len = strcspn(text, "\n");
    while (text[len] == '\n' && is_paragraph_line(text + len + 1))
        len += 1 + strcspn(text + len + 1, "\n");
    return len;
}

bool opt_next_block(const char **details, struct opt_block *block)
{
    const char *text = *details;
    if (text == NULL || *text == '\0')
        return false;
    block->as_is = !is_paragraph_line(text);
    block->text = text;
    block->len = block->as_is ? strcspn(text, "\n") : paragraph_length(text);
    *details = text + block->len + (text[block->len] == '\n');
    return true;
}

/* Lines that begin with a blank are examples and stay as they are; others join to paragraphs. */
static void print_details(FILE *out, const char *details, int width)
{
    for (struct opt_block b; opt_next_block(&details, &b);) {
        if (b.as_is)
            (void)fprintf(out, "%.*s\n", (int)b.len, b.text);
        else
            opt_print_wrapped(out, b.text, b.len, 0, 0, width);
    }
}

static void format_name(const struct opt *o, char *name, size_t size)
{
    char letter[8] = "    ";
    if (o->letter != 0)
        (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
    const char *before = o->arg == NULL ? "" : o->optional ? "[=" : " ", *after = o->optional ? "]" : "";
    (void)snprintf(
        name, size, "  %s--%s%s%s%s", letter, o->name, before, o->arg != NULL ? o->arg : "", after);
}

static int help_column(const struct opt *table)
{
    int column = 14; /* of "  -h, --help" and two blanks */
    char name[128];
    for (; table->name != NULL; table++) {
        format_name(table, name, sizeof name);
        int end = (int)strlen(name) + 2;
        if (!table->hidden && end <= HELP_COLUMN_MAX && end > column)
            column = end;
    }
    return column;
}

/* What the table itself knows: the range, as far as it tells anything, and that an option may come again. */
static void append_facts(struct buf *help, const struct opt *o)
{
    enum { TELLING = 1000000 };
    char low[32], high[32];
    bool ranged = (o->kind == OPT_INT || o->kind == OPT_REAL) && o->max > o->min;
    text_format_number(low, sizeof low, o->min);
    text_format_number(high, sizeof high, o->max);
    if (ranged && o->max < (double)TELLING)
        (void)buf_printf(help, " (%s to %s)", low, high);
    else if (ranged && o->min > 0)
        (void)buf_printf(help, " (at least %s)", low);
    if (o->kind == OPT_LIST)
        (void)buf_append_text(help, " (may be repeated)");
}

void opt_describe(const struct opt *o, struct buf *text)
{
    (void)buf_append_text(text, o->help != NULL ? o->help : "");
    append_facts(text, o);
}

static void print_option(FILE *out, const struct opt *o, int column, int width)
{
    char name[128];
    struct buf help = BUF_INIT(4096);
    format_name(o, name, sizeof name);
    (void)fputs(name, out);
    int end = (int)strlen(name);
    if (end + 2 > column)
        (void)fprintf(out, "\n%*s", column, "");
    else
        (void)fprintf(out, "%*s", column - end, "");
    opt_describe(o, &help);
    opt_print_wrapped(out, buf_text(&help), help.len, column, column, width);
    buf_fini(&help);
}

/* Verbs give their summary as in a list, "play a simulated server", or as a sentence: both are shown as one.
 */
void opt_write_sentence(const char *summary, struct buf *text)
{
    size_t begin = text->len;
    (void)buf_append_text(text, summary);
    if (text->len <= begin)
        return;
    char *first = text->data + begin, last = text->data[text->len - 1];
    if (*first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
    if (last != '.' && last != '?' && last != '!')
        (void)buf_append_char(text, '.');
}

static void print_sentence(FILE *out, const char *text, int width)
{
    struct buf sentence = BUF_INIT(4096);
    opt_write_sentence(text, &sentence);
    opt_print_wrapped(out, buf_text(&sentence), sentence.len, 0, 0, width);
    buf_fini(&sentence);
}

void opt_print_help(FILE *out, const struct opt_usage *usage, const struct opt *table)
{
    static const struct opt help = {"help", 'h', OPT_FLAG, 0, NULL, "show this text", 0, 0, false};
    int width = opt_help_width(out), column = help_column(table);
    bool has_operands = usage->operands != NULL && usage->operands[0] != '\0';
    (void)fprintf(out, "Usage: %s %s [options]%s%s\n\n", usage->program != NULL ? usage->program : "assay",
        usage->verb, has_operands ? " " : "", has_operands ? usage->operands : "");
    print_sentence(out, usage->summary, width);
    (void)fputs("\nOptions:\n", out);
    for (const struct opt *o = table; o->name != NULL; o++)
        if (!o->hidden)
            print_option(out, o, column, width);
    print_option(out, &help, column, width);
    if (usage->details != NULL) {
        (void)fputc('\n', out);
        print_details(out, usage->details, width);
    }
}
