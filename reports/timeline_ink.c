#include "timeline_ink.h"

const struct timeline_colour timeline_colours[INK_COUNT] = {
    [INK_NONE] = {"none", "none", "none"},
    [INK_PAPER] = {"paper", "#ffffff", "#15181c"},
    [INK_TEXT] = {"text", "#1b1f24", "#e6e9ed"},
    [INK_FAINT] = {"faint", "#5d6671", "#9aa4b0"},
    [INK_GRID] = {"grid", "#e3e6ea", "#2b3037"},
    [INK_BAD] = {"bad", "#b3261e", "#ff6b5e"},
    [INK_ABSENT] = {"absent", "#6e7781", "#8b949e"},
    [INK_WARNING] = {"warning", "#d9a400", "#e0b73a"},
    [INK_BLUE] = {"blue", "#0072b2", "#4ea7e0"},
    [INK_ORANGE] = {"orange", "#c98500", "#f0b13c"},
    [INK_GREEN] = {"green", "#009e73", "#2ec79b"},
    [INK_PURPLE] = {"purple", "#b0578f", "#e29bc3"},
    [INK_SKY] = {"sky", "#3d9bd1", "#84cdf5"},
    [INK_RED] = {"red", "#d55e00", "#ff8a45"},
    [INK_GREY] = {"grey", "#59636e", "#b4bcc6"},
};

enum timeline_ink timeline_ink_of(size_t n)
{
    return (enum timeline_ink)(INK_SERIES_0 + n % INK_SERIES_COUNT);
}
