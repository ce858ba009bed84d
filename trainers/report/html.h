/* html.h - writing HTML that is well-formed XML too, whatever the texts are.
 *
 * Files are in memory (memory_file.h): their owner learns once, in the end, whether all
 * is there. What is not written by these functions must be constant, or numbers. */
#ifndef FTL_TRAINERS_REPORT_HTML_H
#define FTL_TRAINERS_REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* The text with < > & " ' as entities, good for contents and quoted attributes alike.
 * What is no UTF-8, and control characters but tabs and newlines, become U+FFFD. */
void ftl_html_text(FILE *file, const char *text);

/* The first n bytes of it. */
void ftl_html_text_part(FILE *file, const char *text, size_t n);

/* printf, escaped as above. At most 1,023 bytes: what is beyond is cut. */
void ftl_html_printf(FILE *file, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* "data:<type>;base64,<bytes>". */
void ftl_html_data(FILE *file, const char *type, const void *bytes, size_t n_bytes);

#endif
