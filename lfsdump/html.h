/* SPDX-License-Identifier: MIT */
/*
 * --html: the files, or what became of the first, as a report for a browser.
 */
#ifndef LFSDUMP_HTML_H
#define LFSDUMP_HTML_H

#include "common/open/subject.h"
#include "lfsdump/settings.h"

/*
 * Writes the report to f and complains of what is wrong with the files. Returns 1 when anything is;
 * *shown tells whether any file is in the report.
 */
int html_report_files(FILE *f, const struct settings *s, bool *shown);

/* A report of views that have one ctx, which must not be moved. */
enum err html_report_views(FILE *f, const char *name, const char *kind,
			   const struct view *const *views, unsigned n, const void *ctx,
			   struct diag *diag);

/* A report of what could not be opened. */
void html_report_failure(FILE *f, const char *name, const struct diag *why);

/* A view of the whole of a subject, as subject_page_open. */
enum err html_report_open(struct subject *s, const struct view *v, struct subject_page *page,
			  struct diag *diag);

/* Reports of a subject and of the image that is in it. */
enum err html_report_subject(FILE *f, struct subject *s, struct diag *diag);

#endif
