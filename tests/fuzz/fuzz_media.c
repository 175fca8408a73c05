/* Pictures, sounds and transcripts of a server may be anything: facts or a reason, never a crash. */
#include "media_facts.h"
#include "sound.h"
#include "word_errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void look(const uint8_t *data, size_t size)
{
    struct media_facts f;
    struct error why = {0};
    if (media_facts_read(data, size, &f, &why) != STATUS_OK) {
        require(why.text[0] != '\0');
        return;
    }
    require(f.format[0] != '\0');
    require(f.width >= 0 && f.height >= 0 && isfinite(f.seconds) && f.seconds >= 0);
}

static void listen(const uint8_t *data, size_t size)
{
    struct wav wav;
    if (wav_find(data, size, &wav, NULL) != STATUS_OK)
        return;
    double peak = wav_peak(&wav);
    require(peak >= 0 && peak <= 1);
    struct sound sound;
    if (wav.frames < 2000 && wav.rate_hz >= 4000 && sound_from_wav(&sound, &wav) == STATUS_OK)
        require(sound.count <= wav.frames * 4);
    else
        sound = (struct sound){0};
    sound_fini(&sound);
}

static void read_transcript(const uint8_t *data, size_t size)
{
    struct word_errors w;
    if (word_errors_count("the quiet river runs below the bridge", (const char *)data, size, &w, NULL) !=
        STATUS_OK)
        return;
    size_t right = w.spoken - w.substitutions - w.deletions;
    require(w.substitutions + w.deletions <= w.spoken);
    require(right + w.substitutions + w.insertions == w.heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* its end is the end of the memory */
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    look(copy, size);
    listen(copy, size);
    read_transcript(copy, size);
    free(copy);
    return 0;
}
