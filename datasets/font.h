/* font.h - a 5x7 pixel font for the words on a picture: printable ASCII.
 *
 * Any other character of UTF-8 is drawn as a box. '\n' starts a new line. A character
 * takes 6 x 10 units (5 x 7, a gap, and room for descenders), a unit is `scale` pixels.
 */
#ifndef FTL_DATASETS_FONT_H
#define FTL_DATASETS_FONT_H

#include "datasets/image.h"

/* Size in pixels that the text takes: its longest line, and all of its lines. An empty
 * text is one line high and has no width. */
int ftl_font_width(const char *text, int scale);
int ftl_font_height(const char *text, int scale);

/* Draw with the upper left corner at (x, y), all channels set to `shade`; what lies
 * beyond the image is cut off. */
void ftl_font_draw(
        ftl_image *image, int x, int y, int scale, const char *text, uint8_t shade);

#endif
