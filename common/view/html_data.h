/* SPDX-License-Identifier: MIT */
/*
 * The files of common/view/html as bytes: the Makefile makes html_data.c of them.
 */
#ifndef VIEW_HTML_DATA_H
#define VIEW_HTML_DATA_H

#include <stddef.h>

extern const unsigned char html_script[], html_style[];
extern const size_t html_script_len, html_style_len;

#endif
